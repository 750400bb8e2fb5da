/** Feeds the turn to the harness and writes what it yields: events into the log, frames to the screens. */
import { Content } from '../../domain/content.ts';
import type { TurnInput } from '../../domain/turn.ts';
import type { HarnessSession, TurnEnd } from '../../harnesses/contract.ts';
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
  for await (const item of session.runTurn({ turn_id, content, note: attempt.note }, attempt.gate)) {
    if (item.kind === 'end') return item.end;
    if (item.kind === 'frame') ports.screens.frame(session_id, item.frame);
    else
      await attempt.append(`turn/${turn_id}/${item.event.key}`, [
        {
          type: item.event.type,
          turn_id,
          actor: { type: 'agent', id: attempt.agent.name },
          via: null,
          data: item.event.data,
        },
      ]);
  }
  return { end: 'failed', code: 'harness_protocol', message: 'The harness ended without saying how.' };
}
