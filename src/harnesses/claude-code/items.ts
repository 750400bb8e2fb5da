/** The items of a turn as events of the log. Pure. */
import type { HarnessEvent } from '../contract.ts';

type More = Readonly<Record<string, unknown>>;

export const itemId = (message_id: string, index: number): string =>
  `itm_${message_id.replaceAll(/[^0-9A-Za-z]/g, '')}i${index}`;

export const wordsOf = (item_id: string, text: string, more: More): HarnessEvent => ({
  kind: 'event',
  event: { type: 'agent.message', key: item_id, data: { item_id, content: [{ type: 'text', text }], ...more } },
});

export const thought = (item_id: string, text: string, more: More): HarnessEvent => ({
  kind: 'event',
  event: { type: 'agent.thinking', key: item_id, data: { item_id, content: [{ type: 'text', text }], ...more } },
});

export function toolResult(tool_use_id: string, content: readonly Text[], more: More): HarnessEvent {
  const item_id = `itm_${tool_use_id.replaceAll(/[^0-9A-Za-z]/g, '')}r`;
  const data = { item_id, tool_use_id, content, truncated: false, ...more };
  return { kind: 'event', event: { type: 'agent.tool_result', key: `result/${tool_use_id}`, data } };
}

interface Text {
  readonly type: 'text';
  readonly text: string;
}

/** Text as it is; what else a result holds by its kind. */
export function contentOf(content: unknown): readonly Text[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.map(({ type = 'content', text, tool_name }: { type?: string; text?: string; tool_name?: string }) => ({
    type: 'text',
    text: text ?? `[${[type, tool_name].filter(Boolean).join(' ')}]`,
  }));
}
