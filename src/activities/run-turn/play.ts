/** Feeds the turn to the harness and writes what it yields, in its order: events into the log, frames to the screens. */
import { setImmediate as everythingHeard } from 'node:timers/promises';
import { Content } from '../../domain/content.ts';
import type { TurnInput } from '../../domain/turn.ts';
import type { Gate, HarnessSession, TurnEnd } from '../../harnesses/contract.ts';
import type { ActivityPorts } from '../ports.ts';
import type { Prepared } from './prepare.ts';

export interface Played {
  readonly input: TurnInput;
  readonly attempt: Prepared;
  readonly session: HarnessSession;
}

export async function play(
  ports: Pick<ActivityPorts, 'blobs' | 'screens'>,
  { input, attempt, session }: Played,
): Promise<TurnEnd> {
  const { turn_id, session_id } = input;
  const said = Content.array().parse(JSON.parse(await ports.blobs.text(input.content)));
  const content = attempt.note === null || !attempt.begun ? said : []; // the native session has it already
  let writing: Promise<void> | null = null;
  /** A call is judged once all that was said before it is in the log. */
  const gate: Gate = async (call) => {
    do {
      await writing?.catch(() => undefined); // a log that fails ends the attempt
      await everythingHeard();
    } while (writing);
    return attempt.gate(call);
  };
  for await (const item of session.runTurn({ turn_id, content, note: attempt.note }, gate)) {
    if (item.kind === 'end') return item.end;
    if (item.kind === 'frame') ports.screens.frame(session_id, item.frame);
    else {
      const { type, key, data } = item.event;
      const actor = { type: 'agent', id: attempt.agent.name } as const;
      writing = attempt
        .append(`turn/${turn_id}/${key}`, [{ type, turn_id, actor, via: null, data }])
        .finally(() => (writing = null));
      await writing;
    }
  }
  return { end: 'failed', code: 'harness_protocol', message: 'The harness ended without saying how.' };
}
