/** Looks up what the demo said, where others would: in the log, by `tack logs`, and in the engine's history. */
import { TackError } from '../domain/errors.ts';
import type { Found, Scene } from './scene.ts';

export async function lookUp({ room, narrator, temporal }: Scene, found: Found): Promise<void> {
  const { session_id, approval_id, killed_pid, engine } = found;
  const [log, history] = await Promise.all([
    room.tack('logs', session_id),
    room.type(
      ...[temporal, 'workflow', 'show', '--output', 'json', '--namespace', 'tackroom'],
      ...['--workflow-id', `session/${session_id}`, '--address', engine],
    ),
  ]);
  const said = { session_id, approval_id, killed_pid: `${killed_pid}` };
  for (const [where, text] of [
    ['`tack logs`', log.stdout],
    ['the engine’s history', history.stdout],
  ] as const)
    for (const [what, value] of Object.entries(said))
      if (!text.includes(value)) throw new TackError('internal', `${what} ${value} is not in ${where}.`);
  const events = log.stdout.trim().split('\n').length;
  const steps = history.stdout.split('"eventId"').length - 1;
  narrator.step(
    'evidence',
    `Session, approval and killed pid are in \`tack logs\` (${events} events) and in Temporal's history (${steps} events).`,
    { log_events: events, history_events: steps },
  );
}
