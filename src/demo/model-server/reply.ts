/** What the scripted model can say: words, calls, and the trouble it makes on the way. Types only. */
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}
export interface Reply {
  readonly think?: string;
  readonly text?: string;
  readonly calls?: readonly ToolCall[];
  /** Each word as a chunk of its own, with a pause (ms). */
  readonly slow_ms?: number;
  readonly trouble?: Trouble;
}
export type Trouble =
  | { readonly kind: 'error'; readonly status: number; readonly after?: number; readonly times: number }
  | { readonly kind: 'stream_error'; readonly times: number }
  | { readonly kind: 'cut'; readonly chunks: number; readonly times: number }
  | { readonly kind: 'hold'; readonly stage: 'headers' | 'first' | 'ping'; readonly ms: number }
  /** Waits until the gate is released: before the headers, or in the middle of the words. */
  | { readonly kind: 'block'; readonly stage: 'headers' | 'stream'; readonly gate: string };
