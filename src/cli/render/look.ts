/** What rendering is told of the screen, and what it gives back. */
import type { Colors } from 'picocolors/types.js';
import { guarded } from './printable.ts';
import type { RenderState } from './state.ts';

export interface Look {
  readonly colors: Colors;
  /** Letters of a row. */
  readonly width: number;
}

/** Words of the agent come as they stream, without a newline of their own; talk comes in lines. */
export type Piece = { readonly to: 'words'; readonly text: string } | { readonly to: 'talk'; readonly line: string };

export interface Rendered {
  readonly state: RenderState;
  readonly pieces: readonly Piece[];
}

export const talk = (...lines: readonly string[]): readonly Piece[] =>
  lines.map((line) => ({ to: 'talk', line: guarded(line) }));
