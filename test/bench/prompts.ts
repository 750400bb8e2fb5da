/** How fast prompts are taken: each is answered when it is in the state of its session and in the log. They queue behind a turn that waits, so that no harness is measured. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSession, text } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { at, round, sized, type Measured } from './figures.ts';
import { scriptedAgent } from './scripted-agent.ts';

const SESSIONS = sized(20);
/** The queue of a session holds 50. */
const PROMPTS = 50;

export async function measurePrompts(): Promise<Measured> {
  const room = openRoom({ TACK_SLOTS: `${SESSIONS}` });
  try {
    await room.up();
    const agent = scriptedAgent({ turns: [[{ wait_for: 'go' }], [{ say: 'Next.' }]] });
    const from_start = performance.now();
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => startSession(room, agent)));
    await Promise.all(sessions.map(({ logged }) => logged('session.placed')));
    const turns_per_s = round((SESSIONS * 1_000) / (performance.now() - from_start), 1);
    const client = room.client();
    const rows: { session: number; n: number; took_ms: number }[] = [];
    const from = performance.now();
    await Promise.all(
      sessions.map(async ({ id }, session) => {
        for (let n = 0; n < PROMPTS; n++) {
          const said = performance.now();
          await client.sessions.send({ session_id: id, body: { content: text(`prompt ${n}`), delivery: 'queue' } });
          rows.push({ session, n, took_ms: round(performance.now() - said) });
        }
      }),
    );
    const per_s = Math.round((rows.length * 1_000) / (performance.now() - from));
    const took = rows.map(({ took_ms }) => took_ms);
    for (const { id } of sessions) {
      await client.sessions.close({ session_id: id, body: {} });
      writeFileSync(join(room.workOf(id), 'go'), '');
    }
    return {
      name: 'prompts',
      rows,
      figures: [
        { what: `Prompts taken, ${SESSIONS} sessions at once`, result: `${per_s} a second`, goal: 'reported' },
        { what: 'one of them, p50 / p99', result: `${at(took, 0.5)} / ${at(took, 0.99)} ms`, goal: 'reported' },
        {
          what: `Sessions started with a turn in a sandbox, ${SESSIONS} at once`,
          result: `${turns_per_s} a second`,
          goal: 'reported',
        },
      ],
    };
  } finally {
    await room.close();
  }
}
