/** What must hold of a session once it has done everything that it was told, whatever was killed meanwhile. */
import { processesOf } from '../support/processes.ts';
import type { StoredEvent } from '../support/stored-log.ts';
import { commandsOf } from './story.ts';
import type { Place } from './place.ts';
import type { Before } from './kill-amid.ts';
import type { Watched } from './session.ts';
import { judgeEffects } from './judge/effects.ts';
import { judgeLog } from './judge/log.ts';
import { judgeRequests } from './judge/requests.ts';
import { judgeWork } from './judge/work.ts';
import { expectSoon, type Violation } from './violation.ts';

interface Seen {
  readonly before: Before;
  /** What stood in the effects file when the next attempt began; null when the attempt lived on. */
  readonly effects: readonly string[] | null;
}

export async function judge(place: Place, session: Watched, seen: Seen): Promise<readonly Violation[]> {
  const { id, moment } = session;
  for (const turn of session.turns())
    await expectSoon('log on disk', `the end of ${turn}`, () => session.stored().some((event) => isEndOf(event, turn)));
  await expectSoon('ps', 'no process of a session that rests', () => processesOf(id).length === 0);
  const log = session.stored();
  const effects = session.effects();
  const requests = session.requests();
  return [
    ...judgeEffects(effects, commandsOf(moment), { requests, log, at_next: seen.effects }),
    ...judgeLog(log, { before: seen.before.events, turns: session.turns() }),
    ...(place.model ? judgeRequests(requests, session.prompts) : []),
    ...(await judgeWork(place, { session, log, effects })),
  ];
}

const isEndOf = ({ type, turn_id }: StoredEvent, turn: string): boolean =>
  turn_id === turn && /^turn\.(completed|failed|cancelled)$/.test(type);
