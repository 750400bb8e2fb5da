/** The lines between the harness and its player in the sandbox: one JSON object each. Types only. */
import type { Tool } from './script.ts';

/** What the player has to do, one after the other; each is answered by `done`. */
export type Order =
  | { readonly order: 'say'; readonly words: readonly string[]; readonly word_ms: number }
  | { readonly order: 'tool'; readonly tool: Tool }
  | { readonly order: 'wait'; readonly ms: number }
  | { readonly order: 'wait_for'; readonly path: string }
  | { readonly order: 'crash'; readonly code: number };

export type Told =
  | { readonly told: 'word'; readonly text: string }
  | { readonly told: 'done'; readonly output: string; readonly is_error: boolean };
