/** The agent's words: streamed as they come, and made whole by the stored item. */
import type { Envelope, Frame } from '../../domain/events/envelope.ts';
import { oneLine, printable } from './printable.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { text, words } from './read.ts';
import type { RenderState } from './state.ts';

/** A frame of the stream. Only text is shown: thoughts and inputs come whole. */
export function streamed(frame: Frame, state: RenderState): Rendered {
  switch (frame.type) {
    case 'item.delta':
      return frame.channel === 'text'
        ? shown(state, frame.item_id, (state.said[frame.item_id] ?? '') + frame.delta)
        : { state, pieces: [] };
    case 'item.snapshot':
      return frame.text === '' ? { state, pieces: [] } : shown(state, frame.item_id, frame.text);
    case 'item.started':
    case 'stream.ready':
    case 'heartbeat':
      return { state, pieces: [] };
  }
}

/** The stored item: what was streamed of it is not shown again. */
export function message({ data, id }: Envelope, before: RenderState): Rendered {
  const item_id = text(data, 'item_id') || id;
  const whole = words(data);
  if (whole === '' && before.said[item_id] === undefined) return { state: before, pieces: [] };
  const shows = shown(before, item_id, whole);
  const ends = shows.state.open === item_id ? closed(shows.state) : { state: shows.state, pieces: [] };
  const { [item_id]: _done, ...said } = ends.state.said;
  return { state: { ...ends.state, said }, pieces: [...shows.pieces, ...ends.pieces] };
}

/** Words that stand at the end of the output get their newline: something else follows. */
export function closed(state: RenderState): Rendered {
  if (state.open === null) return { state, pieces: [] };
  const isMidLine = !(state.said[state.open] ?? '').endsWith('\n');
  return { state: { ...state, open: null }, pieces: isMidLine ? [{ to: 'words', text: '\n' }] : [] };
}

export function thinking({ data }: Envelope, state: RenderState, { colors, width }: Look): Rendered {
  const thought = oneLine(words(data), width - 4);
  return { state, pieces: thought === '' ? [] : talk(colors.dim(`∴ ${thought}`)) };
}

/** Brings the output to `whole`: by what is missing, or anew where other words were shown. */
function shown(before: RenderState, item_id: string, whole: string): Rendered {
  const known = before.said[item_id] ?? '';
  const follows = whole.startsWith(known);
  const said = { ...before.said, [item_id]: whole };
  if (whole === known) return { state: { ...before, said }, pieces: [] };
  const { state, pieces } = before.open === item_id && follows ? { state: before, pieces: [] } : closed(before);
  const rest = printable(follows ? whole.slice(known.length) : whole);
  return { state: { ...state, open: item_id, said }, pieces: [...pieces, { to: 'words', text: rest }] };
}
