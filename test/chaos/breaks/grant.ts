/** An allow for once, the worker killed while what it allowed runs, and the same call again: it is asked anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { effectsOf } from '../../support/claude-room.ts';
import { asks, scripted, shell, startSession } from '../../support/session.ts';
import { storedLog } from '../../support/stored-log.ts';
import { openRoom } from '../../support/tackroom.ts';
import { insist } from '../../support/insist.ts';
import { expectSoon, type Violation } from '../violation.ts';
import type { Scenario } from './play.ts';

/** Names no file of the worktree: the same action is the same action, whatever it has written. */
const CALL = shell('f=effects; g=go; echo approved >> $f.txt; until [ -e $g.txt ]; do sleep 0.02; done');

export const playGrant: Scenario = async (up) => {
  const room = openRoom();
  try {
    await up(room);
    const { id, question } = await startSession(room, scripted([CALL, CALL], [asks('echo approved', { grace_s: 0 })]));
    const log = () => storedLog(room.home, id);
    const asked = () =>
      new Set(log().flatMap(({ type, data }) => (type === 'approval.requested' ? [idIn(data)] : []))).size;
    const runs = () => effectsOf(room, id).length;
    const answer = async (decision: 'allow_once' | 'deny', nth: number) => {
      const { id: approval_id, digest } = await question(nth);
      await insist(room, (client, options) =>
        client.approvals.decide({ approval_id, body: { digest, decision } }, options),
      );
    };
    await expectSoon('log on disk', 'a suspended turn', () => log().some(({ type }) => type === 'turn.suspended'));
    await answer('allow_once', 1);
    await expectSoon('effects file', 'what was allowed', () => runs() === 1);
    await room.kill('worker');
    await expectSoon('log on disk', 'the second call asked, or run', () => asked() === 2 || runs() === 2);
    writeFileSync(join(room.workOf(id), 'go.txt'), '');
    if (asked() === 2) await answer('deny', 2);
    await expectSoon('log on disk', 'the end of the turn', () => log().some(({ type }) => type === 'turn.completed'));
    return judgeOnce(runs());
  } finally {
    await room.close();
  }
};

const idIn = (data: Readonly<Record<string, unknown>>): string => (data['approval'] as { readonly id: string }).id;

const judgeOnce = (runs: number): readonly Violation[] =>
  runs === 1 ? [] : [{ oracle: 'effects file', what: `allowed once, run ${runs} times` }];
