/** A reply in the words of the Anthropic Messages API: as events of a stream, or as one object. */
import { callId, type MessagesRequest, type Standing } from './messages.ts';
import type { Reply } from './reply.ts';

export interface Tokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
}
export interface SentCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}
export interface Rendered {
  readonly calls: readonly SentCall[];
  readonly tokens: Tokens;
  /** The whole message, for `stream: false`. */
  readonly message: Readonly<Record<string, unknown>>;
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Fixed by the step, so that a test can say what must have been metered; or by the `usage` tag. */
export function tokensOf({ tag, step }: Standing): Tokens {
  const said = tag?.name === 'usage' ? tag.args : {};
  const number = (name: string, otherwise: number) => (typeof said[name] === 'number' ? said[name] : otherwise);
  return {
    input_tokens: number('input', 1000 + 100 * step),
    output_tokens: number('output', 50 + step),
    cache_read_input_tokens: number('cacheRead', 200),
    cache_creation_input_tokens: number('cacheWrite', 300),
  };
}

export function render(request: MessagesRequest, standing: Standing, reply: Reply): Rendered {
  const tokens = tokensOf(standing);
  const calls = (reply.calls ?? []).map((call, n) => ({
    id: callId(standing.hash, standing.step, n),
    name: call.name,
    input: call.input,
  }));
  const blocks = [
    ...(reply.think === undefined ? [] : [{ type: 'thinking', thinking: reply.think, signature: 'scripted' }]),
    ...(reply.text === undefined ? [] : [{ type: 'text', text: reply.text }]),
    ...calls.map((call) => ({ type: 'tool_use', ...call })),
  ];
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn';
  const head = {
    id: `msg_${standing.hash}${standing.step}${Math.random().toString(36).slice(2, 10)}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
  };
  return {
    calls,
    tokens,
    message: { ...head, content: blocks, stop_reason, stop_sequence: null, usage: tokens },
    events: [
      {
        type: 'message_start',
        message: {
          ...head,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { ...tokens, output_tokens: 1 },
        },
      },
      ...blocks.flatMap((block, index) => blockEvents(block as Block, index, comesByWords(reply))),
      {
        type: 'message_delta',
        delta: { stop_reason, stop_sequence: null },
        usage: { output_tokens: tokens.output_tokens },
      },
      { type: 'message_stop' },
    ],
  };
}

/** Where something happens in the middle, there must be one. */
const comesByWords = ({ slow_ms, trouble }: Reply): boolean =>
  slow_ms !== undefined || trouble?.kind === 'cut' || (trouble?.kind === 'block' && trouble.stage === 'stream');

type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };
type Event = Readonly<Record<string, unknown>>;

function blockEvents(block: Block, index: number, by_words: boolean): Event[] {
  const [start, deltas] = partsOf(block, by_words);
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function partsOf(block: Block, by_words: boolean): readonly [Event, readonly Event[]] {
  switch (block.type) {
    case 'thinking':
      return [
        { type: 'thinking', thinking: '', signature: '' },
        [
          ...pieces(block.thinking, 4000).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      ];
    case 'text':
      return [
        { type: 'text', text: '' },
        (by_words ? block.text.split(/(?<= )/) : pieces(block.text, 4000)).map((text) => ({
          type: 'text_delta',
          text,
        })),
      ];
    case 'tool_use':
      return [
        { type: 'tool_use', id: block.id, name: block.name, input: {} },
        pieces(JSON.stringify(block.input), 2000).map((partial_json) => ({ type: 'input_json_delta', partial_json })),
      ];
  }
}

function pieces(text: string, size: number): string[] {
  return Array.from({ length: Math.max(1, Math.ceil(text.length / size)) }, (_, n) =>
    text.slice(n * size, (n + 1) * size),
  );
}
