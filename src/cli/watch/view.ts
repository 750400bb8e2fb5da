/** What is heard of a session, on the screen or as the envelopes themselves. */
import type { Followed } from '../../api/contract/event-stream.ts';
import type { Context } from '../context.ts';
import { talk, type Look } from '../render/look.ts';
import { render } from '../render/render.ts';
import { NOTHING_SEEN } from '../render/state.ts';
import type { Screen } from './screen.ts';

export interface View {
  hear(heard: Followed): void;
  /** A line of our own. */
  say(...lines: readonly string[]): void;
}

const WIDTH = 100;

/** Read anew each time: a terminal may change its size. */
export const lookOf = ({ out }: Pick<Context, 'out'>): Look => ({
  colors: out.colors,
  width: (out.is_terminal && process.stdout.columns) || WIDTH,
});

export function createView(context: Pick<Context, 'out'>, screen: Screen): View {
  const { out } = context;
  let state = NOTHING_SEEN;
  return {
    hear(heard) {
      if (out.json && heard.kind === 'event') return out.object(heard.event);
      const rendered = render(heard, state, lookOf(context));
      ({ state } = rendered);
      if (!out.json || heard.kind === 'connection') screen.print(rendered.pieces);
    },
    say: (...lines) => screen.print(talk(...lines)),
  };
}
