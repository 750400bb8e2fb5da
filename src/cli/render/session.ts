/** A session as a whole: what it is, loudly when it has no walls, and its end. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { oneLine } from './printable.ts';
import { by, isRecord, list, text, type Data } from './read.ts';
import type { RenderState } from './state.ts';

export interface Header {
  readonly id: string;
  readonly title: string;
  readonly agent: string;
  readonly harness: string;
  readonly model: string | null;
  readonly sandbox: string;
}

export function headerLines(
  { id, title, agent, harness, model, sandbox }: Header,
  { colors, width }: Look,
): readonly string[] {
  const made = [agent, ...(harness === agent ? [] : [harness]), ...(model ? [model] : [])].map((part) =>
    oneLine(part, 60),
  );
  return [
    `${colors.bold(oneLine(id, 40))} · ${oneLine(title, Math.max(20, width - 40))}`,
    colors.dim(`  ${made.join(' · ')}`),
    ...(sandbox === 'none'
      ? [
          colors.inverse(colors.red(' NO SANDBOX ')) +
            colors.red(
              ' This session runs on the bare machine, with your files and the network. Only the gate stands before its tools.',
            ),
        ]
      : []),
  ];
}

export function created({ session_id, data }: Envelope, state: RenderState, look: Look): Rendered {
  const header = {
    id: session_id,
    title: text(data, 'title'),
    agent: text(data, 'agent'),
    harness: text(data, 'harness'),
    model: text(data, 'model') || null,
    sandbox: text(data, 'sandbox'),
  };
  return { state, pieces: talk(...headerLines(header, look)) };
}

/** What is said aloud of a change: rules that hold from now on. */
export function updated(event: Envelope, state: RenderState, { colors }: Look): Rendered {
  return {
    state,
    pieces: isRecord(event.data['session_policy'])
      ? talk(colors.yellow(`■ Other rules hold now, set ${by(event)}`))
      : [],
  };
}

export function placed({ data }: Envelope, state: RenderState, { colors }: Look): Rendered {
  const from = text(data, 'from_host');
  return {
    state,
    pieces: from ? talk(colors.dim(`  moved from ${oneLine(from, 60)} to ${oneLine(text(data, 'host_id'), 60)}`)) : [],
  };
}

export function ended(event: Envelope, state: RenderState, { colors }: Look): Rendered {
  return { state, pieces: talk(colors.bold(`The session was ended ${by(event)}. Its log stays.`)) };
}

export function queued({ data }: Envelope, state: RenderState, { colors }: Look): Rendered {
  const waiting = list(data, 'items').length;
  return { state, pieces: waiting > 0 ? talk(colors.dim(`  ${waiting} waiting in the queue`)) : [] };
}

const MARKS: Readonly<Record<string, string>> = { completed: '☑', in_progress: '▶' };

export function planned({ data }: Envelope, state: RenderState, { width }: Look): Rendered {
  const entries = list(data, 'entries').filter(isRecord);
  const lines = entries.map(
    (entry: Data) => `  ${MARKS[text(entry, 'status')] ?? '☐'} ${oneLine(text(entry, 'content'), width - 6)}`,
  );
  return { state, pieces: talk(...lines) };
}
