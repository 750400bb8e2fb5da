/** The agent's words: streamed as they come, and made whole by the stored item. */
import type { Envelope, Frame } from '../../domain/events/envelope.ts';
import { oneLine, printable } from './printable.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { text, words } from './read.ts';
import type { RenderState } from './state.ts';

/**
 * A frame of the stream. Only text is shown: thoughts and inputs come whole. A text with a gap is not shown either: a server
 * that was restarted does not know how it began, and the stored item tells the rest.
 */
export function streamed(frame: Frame, state: RenderState): Rendered {
  switch (frame.type) {
    case 'item.started':
      return { state: frame.kind === 'unknown' ? state : begun(state, frame.item_id), pieces: [] };
    case 'item.delta': {
      const known = state.said[frame.item_id];
      if (frame.channel !== 'text' || known === undefined || state.unsure.includes(frame.item_id))
        return { state, pieces: [] };
      return shown(state, frame.item_id, known + frame.delta);
    }
    case 'item.snapshot': {
      const known = state.said[frame.item_id];
      if (known === undefined || !frame.text.startsWith(known)) return { state, pieces: [] };
      const unsure = state.unsure.filter((item_id) => item_id !== frame.item_id);
      return shown({ ...state, unsure }, frame.item_id, frame.text);
    }
    case 'stream.ready':
    case 'heartbeat':
      return { state, pieces: [] };
  }
}

const begun = (state: RenderState, item_id: string): RenderState => ({
  ...state,
  said: { ...state.said, [item_id]: state.said[item_id] ?? '' },
});

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
