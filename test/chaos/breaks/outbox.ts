/** A person answers while the log cannot take the answer: what was allowed waits until it stands there. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { effectsOf } from '../../support/claude-room.ts';
import { asks, scripted, shell, startSession } from '../../support/session.ts';
import { storedLog } from '../../support/stored-log.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';
import { insist } from '../../support/insist.ts';
import { judgeLog } from '../judge/log.ts';
import { expectSoon, type Violation } from '../violation.ts';
import type { Scenario } from './play.ts';

export const playOutbox: Scenario = async (up) => {
  const room = openRoom();
  try {
    await up(room);
    const call = shell('echo approved >> effects.txt');
    const { id, turn_id, question } = await startSession(room, scripted([call], [asks('echo approved')]));
    const { id: approval_id, digest } = await question();
    const letGo = refuseAnswers(room);
    await insist(room, (client, options) =>
      client.approvals.decide({ approval_id, body: { digest, decision: 'allow_once' } }, options),
    );
    const ran = () => effectsOf(room, id).length > 0;
    await until('a refused answer, or the call', async () => ran() || (await refusals(room, id)) >= 3, 60_000);
    const early = ran();
    letGo();
    const log = () => storedLog(room.home, id);
    await expectSoon('log on disk', 'the end of the turn', () => log().some(({ type }) => type === 'turn.completed'));
    await expectSoon('log on disk', 'the answer', () => log().some(({ type }) => type === 'approval.resolved'));
    return [...(early ? [RAN_EARLY] : []), ...judgeLog(log(), { before: [], turns: [turn_id] })];
  } finally {
    await room.close();
  }
};

const RAN_EARLY: Violation = { oracle: 'effects file', what: 'the call ran while its answer was in no log' };

/** The disk takes everything but a person's answer, until it is let go. */
function refuseAnswers(room: Room): () => void {
  const store = new DatabaseSync(join(room.home, 'store.db'));
  store.exec('pragma busy_timeout = 10000');
  store.exec(`create trigger chaos before insert on event when new.type = 'approval.resolved'
    begin select raise(abort, 'refused by a test'); end`);
  return () => {
    store.exec('drop trigger chaos');
    store.close();
  };
}

/** How often the machine has tried to write, as the engine counts it. */
async function refusals(room: Room, session_id: string): Promise<number> {
  const said = await room.temporal('workflow', 'describe', '-w', `session/${session_id}`, '-o', 'json');
  const { pendingActivities = [] } = JSON.parse(said) as { readonly pendingActivities?: readonly Pending[] };
  return Math.max(
    0,
    ...pendingActivities.flatMap(({ activityType, attempt }) =>
      activityType.name === 'appendEvents' ? [attempt] : [],
    ),
  );
}

interface Pending {
  readonly activityType: { readonly name: string };
  readonly attempt: number;
}
