/** Claude Code's messages in our words. Pure: `(message, memory) → { events, memory }`; what is unknown is a warning, never an error. */
import type { HarnessEvent, TurnEnd, Usage } from '../contract.ts';
import type { Block, NativeMessage } from './schema.ts';

export interface Memory {
  /** The message that streams now. */
  readonly message_id: string | null;
  /** Blocks of that message that came whole. */
  readonly blocks: number;
  /** Text that streamed and did not come whole yet, by item. */
  readonly partial: Readonly<Record<string, string>>;
  readonly tools: Readonly<Record<string, string>>;
}
export const NO_MEMORY: Memory = { message_id: null, blocks: 0, partial: {}, tools: {} };

export interface Translated {
  readonly events: readonly HarnessEvent[];
  readonly memory: Memory;
}

export function translate(message: NativeMessage, memory: Memory): Translated {
  switch (message.type) {
    case 'system':
      return { events: system(message), memory };
    case 'stream_event':
      return streamed(message, memory);
    case 'assistant':
      return said(message, memory);
    case 'user':
      return { events: message.isReplay ? [] : results(message), memory };
    case 'result':
      return { events: [...leftovers(memory), { kind: 'end', end: endOf(message) }], memory: NO_MEMORY };
  }
}

/** Text that streamed and never came whole: kept in the log as far as it got. */
export function leftovers({ partial }: Memory): HarnessEvent[] {
  return Object.entries(partial).flatMap(([item_id, text]) =>
    text === '' ? [] : [textItem(item_id, text, { partial: true })],
  );
}

type Of<T extends NativeMessage['type']> = Extract<NativeMessage, { type: T }>;

export const itemId = (message_id: string, index: number): string =>
  `itm_${message_id.replaceAll(/[^0-9A-Za-z]/g, '')}${index}`;

function system({ subtype, error_status, attempt, max_retries }: Of<'system'>): HarnessEvent[] {
  if (subtype !== 'api_retry') return [];
  const text = `The model answered ${error_status ?? 'nothing'}; try ${attempt ?? '?'} of ${max_retries ?? '?'}.`;
  return [
    {
      kind: 'event',
      event: { type: 'harness.warned', key: `retry/${crypto.randomUUID()}`, data: { code: 'model_retry', text } },
    },
  ];
}

function streamed({ event, parent_tool_use_id }: Of<'stream_event'>, memory: Memory): Translated {
  if (parent_tool_use_id) return { events: [], memory }; // a sub-agent's words come whole
  if (event.type === 'message_start')
    return { events: [], memory: { ...memory, message_id: event.message?.id ?? null, blocks: 0 } };
  if (memory.message_id === null || typeof event.index !== 'number') return { events: [], memory };
  const item_id = itemId(memory.message_id, event.index);
  if (event.type === 'content_block_start')
    return {
      events: [{ kind: 'frame', frame: { type: 'item.started', item_id, kind: kindOf(event.content_block?.type) } }],
      memory,
    };
  const { text, thinking } = event.delta ?? {};
  const delta = text ?? thinking;
  if (event.type !== 'content_block_delta' || !delta) return { events: [], memory };
  const frame = { type: 'item.delta', item_id, channel: text ? 'text' : 'thinking', delta } as const;
  const partial = text ? { ...memory.partial, [item_id]: (memory.partial[item_id] ?? '') + text } : memory.partial;
  return { events: [{ kind: 'frame', frame }], memory: { ...memory, partial } };
}

const kindOf = (type: string | undefined): string =>
  type === 'tool_use' ? 'tool_use' : type === 'thinking' ? 'thinking' : 'message';

/** One line a content block, in their order, each with the id of its message. */
function said({ message, parent_tool_use_id }: Of<'assistant'>, memory: Memory): Translated {
  const is_same = memory.message_id === message.id;
  let blocks = is_same ? memory.blocks : 0;
  const tools: Record<string, string> = { ...memory.tools };
  const partial: Record<string, string> = { ...memory.partial };
  const events = message.content.flatMap((block): HarnessEvent[] => {
    const item_id = itemId(message.id, blocks++);
    delete partial[item_id];
    if (block.type === 'tool_use' && block.id) tools[block.id] = item_id;
    return blockEvents(block, item_id, parent_tool_use_id ?? null);
  });
  return { events, memory: { ...memory, message_id: message.id, blocks, tools, partial } };
}

function blockEvents(block: Block, item_id: string, parent: string | null): HarnessEvent[] {
  const by = parent === null ? {} : { parent_tool_use_id: parent };
  if (block.type === 'text') return block.text ? [textItem(item_id, block.text, by)] : [];
  if (block.type === 'thinking')
    return [
      {
        kind: 'event',
        event: {
          type: 'agent.thinking',
          key: item_id,
          data: { item_id, content: [{ type: 'text', text: block.thinking ?? '' }], ...by },
        },
      },
    ];
  return []; // a tool call is written by the gate, before it may start
}

function textItem(item_id: string, text: string, more: Readonly<Record<string, unknown>>): HarnessEvent {
  return {
    kind: 'event',
    event: { type: 'agent.message', key: item_id, data: { item_id, content: [{ type: 'text', text }], ...more } },
  };
}

function results({ message, tool_result_meta }: Of<'user'>): HarnessEvent[] {
  if (typeof message.content === 'string') return [];
  return message.content.flatMap((block): HarnessEvent[] => {
    if (block.type !== 'tool_result' || !block.tool_use_id) return [];
    const not_run =
      tool_result_meta?.find(({ id }) => id === block.tool_use_id || id === undefined || id === null)
        ?.non_execution_kind ?? null;
    const data = {
      item_id: `itm_${block.tool_use_id.replaceAll(/[^0-9A-Za-z]/g, '')}r`,
      tool_use_id: block.tool_use_id,
      is_error: block.is_error ?? false,
      content: contentOf(block.content),
      truncated: false,
      ...(not_run !== null && { not_run }),
    };
    return [{ kind: 'event', event: { type: 'agent.tool_result', key: `result/${block.tool_use_id}`, data } }];
  });
}

/** Text as it is; what else a result holds by its kind. */
function contentOf(content: unknown): readonly { readonly type: 'text'; readonly text: string }[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map((part: { type?: string; text?: string }) => ({
    type: 'text',
    text: part.text ?? `[${part.type ?? 'content'}]`,
  }));
}

function endOf(message: Of<'result'>): TurnEnd {
  if (message.terminal_reason?.startsWith('aborted')) return { end: 'interrupted' };
  if (message.is_error || message.subtype !== 'success') {
    const words = message.result || `Claude Code ended the turn: ${message.terminal_reason ?? message.subtype}.`;
    return {
      end: 'failed',
      code: message.api_error_status ? 'model_failed' : 'harness_protocol',
      message: message.api_error_status ? `The model answered ${message.api_error_status}. ${words}` : words,
    };
  }
  return {
    end: 'completed',
    stop_reason:
      message.stop_reason === 'max_tokens' || message.stop_reason === 'refusal' ? message.stop_reason : 'end_turn',
    usage: usageOf(message),
  };
}

function usageOf({ usage }: Of<'result'>): Usage | null {
  if (!usage) return null;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write: usage.cache_creation_input_tokens ?? 0,
  };
}
