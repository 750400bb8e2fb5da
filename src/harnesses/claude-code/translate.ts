/** Claude Code's messages in our words. Pure: `(message, memory) → { events, memory }`; what is unknown is a warning, never an error. */
import type { HarnessEvent, TurnEnd } from '../contract.ts';
import { addUsage, endOf } from './end-of.ts';
import { contentOf, itemId, thought, toolResult, wordsOf } from './items.ts';
import type { Block, NativeMessage } from './schema.ts';
import { warning } from './turn.ts';

export interface Memory {
  /** The message that streams now. */
  readonly message_id: string | null;
  /** How many blocks came whole, by message. */
  readonly blocks: Readonly<Record<string, number>>;
  /** Text that streamed and did not come whole yet, by item. */
  readonly partial: Readonly<Record<string, string>>;
  /** Calls of this turn, by id. */
  readonly tools: Readonly<Record<string, { readonly item_id: string; readonly name: string }>>;
  /** It says when it is idle. Then a result alone is no end: a sub-agent may still work, and wake it up. */
  readonly tells_state: boolean;
  readonly greeted: boolean;
  /** The last result of this turn, with the usage of all of them. */
  readonly result: TurnEnd | null;
}
export const NO_MEMORY: Memory = {
  message_id: null,
  blocks: {},
  partial: {},
  tools: {},
  tells_state: false,
  greeted: false,
  result: null,
};

export interface Translated {
  readonly events: readonly HarnessEvent[];
  readonly memory: Memory;
}

/** What a translation rests on beside the messages. */
export interface Known {
  /** The version that this was written against. */
  readonly proven: string;
  readonly wasAllowed: (tool_use_id: string) => boolean;
}

export function translate(message: NativeMessage, memory: Memory, known: Known): Translated {
  switch (message.type) {
    case 'system':
      return system(message, memory, known);
    case 'stream_event':
      return streamed(message, memory);
    case 'assistant':
      return said(message, memory);
    case 'user':
      return { events: message.isReplay ? [] : results(message, memory, known), memory };
    case 'result': {
      const after = { ...memory, partial: {}, result: addUsage(memory.result, endOf(message)) };
      return memory.tells_state
        ? { events: leftovers(memory), memory: after }
        : ended(leftovers(memory), after, after.result);
    }
  }
}

/** Text that streamed and never came whole: kept in the log as far as it got. */
export function leftovers({ partial }: Memory): HarnessEvent[] {
  return Object.entries(partial).flatMap(([item_id, text]) =>
    text === '' ? [] : [wordsOf(item_id, text, { partial: true })],
  );
}

type Of<T extends NativeMessage['type']> = Extract<NativeMessage, { type: T }>;

function ended(before: readonly HarnessEvent[], { tells_state, greeted }: Memory, end: TurnEnd): Translated {
  return { events: [...before, { kind: 'end', end }], memory: { ...NO_MEMORY, tells_state, greeted } };
}

function system(message: Of<'system'>, memory: Memory, { proven }: Known): Translated {
  const id = message.uuid ?? undefined;
  switch (message.subtype) {
    case 'init': {
      const version = message.claude_code_version ?? 'unknown';
      const text = `Claude Code ${version} was not tried with this Tackroom; ${proven} was.`;
      const isNews = !memory.greeted && version !== proven;
      return {
        events: isNews ? [warning('version_unproven', text, version)] : [],
        memory: { ...memory, greeted: true },
      };
    }
    case 'session_state_changed': {
      const told = { ...memory, tells_state: true };
      return message.state === 'idle' && memory.result ? ended([], told, memory.result) : { events: [], memory: told };
    }
    case 'api_retry': {
      const { error_status, attempt, max_retries } = message;
      const text = `The model answered ${error_status ?? 'nothing'}; try ${attempt ?? '?'} of ${max_retries ?? '?'}.`;
      return { events: [warning('model_retry', text, id)], memory };
    }
    case 'compact_boundary':
      return { events: [warning('compacted', 'The conversation was summed up to fit the model.', id)], memory };
    default:
      return { events: [], memory };
  }
}

function streamed({ event, parent_tool_use_id }: Of<'stream_event'>, memory: Memory): Translated {
  if (parent_tool_use_id) return { events: [], memory }; // a sub-agent's words come whole
  if (event.type === 'message_start')
    // what did not come whole by now was given up
    return { events: leftovers(memory), memory: { ...memory, message_id: event.message?.id ?? null, partial: {} } };
  if (memory.message_id === null || typeof event.index !== 'number') return { events: [], memory };
  const item_id = itemId(memory.message_id, event.index);
  if (event.type === 'content_block_start') {
    const frame = { type: 'item.started', item_id, kind: kindOf(event.content_block?.type) } as const;
    return { events: [{ kind: 'frame', frame }], memory };
  }
  const { text, thinking } = event.delta ?? {};
  const delta = text ?? thinking;
  if (event.type !== 'content_block_delta' || !delta) return { events: [], memory };
  const frame = { type: 'item.delta', item_id, channel: text ? 'text' : 'thinking', delta } as const;
  const partial = text ? { ...memory.partial, [item_id]: (memory.partial[item_id] ?? '') + text } : memory.partial;
  return { events: [{ kind: 'frame', frame }], memory: { ...memory, partial } };
}

const SYNTHETIC = '<synthetic>';

const kindOf = (type: string | undefined): string =>
  type === 'tool_use' ? 'tool_use' : type === 'thinking' ? 'thinking' : 'message';

/** One line a content block, in their order, each with the id of its message. */
function said({ message, parent_tool_use_id: parent }: Of<'assistant'>, memory: Memory): Translated {
  if (message.model === SYNTHETIC) return { events: [], memory }; // said by no model: the result tells what went wrong
  const first = memory.blocks[message.id] ?? 0;
  const blocks = { ...memory.blocks, [message.id]: first + message.content.length };
  const tools = { ...memory.tools };
  const partial = { ...memory.partial };
  const events = message.content.flatMap((block, n): HarnessEvent[] => {
    const item_id = itemId(message.id, first + n);
    delete partial[item_id];
    if (block.type === 'tool_use' && block.id) tools[block.id] = { item_id, name: block.name ?? '' };
    return blockEvents(block, item_id, parent ? { parent_tool_use_id: parent } : {});
  });
  return { events, memory: { ...memory, blocks, tools, partial } };
}

function blockEvents(block: Block, item_id: string, by: Readonly<Record<string, string>>): HarnessEvent[] {
  if (block.type === 'text') return block.text ? [wordsOf(item_id, block.text, by)] : [];
  if (block.type === 'thinking') return block.thinking ? [thought(item_id, block.thinking, by)] : [];
  return []; // a tool call is written by the gate, before it may start
}

function results(
  { message, tool_result_meta, parent_tool_use_id }: Of<'user'>,
  { tools }: Memory,
  { wasAllowed }: Known,
): HarnessEvent[] {
  if (typeof message.content === 'string') return [];
  return message.content.flatMap((block): HarnessEvent[] => {
    const { type, tool_use_id: id, is_error } = block;
    if (type !== 'tool_result' || !id) return [];
    const kind = tool_result_meta?.find((entry) => entry.id === id)?.non_execution_kind;
    const name = tools[id]?.name ?? 'unknown';
    return [
      toolResult(id, contentOf(block.content), {
        is_error: is_error ?? false,
        ...(is_error && fate(kind ?? null, { name, wasAllowed: wasAllowed(id) })),
        ...(parent_tool_use_id && { parent_tool_use_id }),
      }),
    ];
  });
}

/** Claude Code calls what it stopped by the same name as what it never started: the allow tells them apart. */
function fate(kind: string | null, call: { readonly name: string; readonly wasAllowed: boolean }) {
  if (call.wasAllowed) return kind === null ? {} : { interrupted: true };
  // what nobody was asked about was refused before: no such tool, no such argument
  return { not_run: kind ?? 'invalid', name: call.name };
}
