/** The items of one session that are half said: kept so that a watcher who joins in the middle gets the whole text. */
import type { Frame } from '../../../domain/events/envelope.ts';

export interface OpenItems {
  take(frame: Frame, head_seq: number): void;
  /** Forgets what stands whole in the log, and what began before a turn ended. */
  drop(seen: { readonly finished: readonly string[]; readonly turn_ended_at: number }): void;
  /** The head of the log was not known when these began. */
  beganAt(head_seq: number): void;
  frames(): readonly Frame[];
  isEmpty(): boolean;
}

interface Item {
  kind: string;
  text: string;
  /** Head of the log when it began. */
  began_at: number;
}

/** A session says few things at once; more open items than this were never finished. */
const ITEMS_MAX = 32;
/** Longer texts come as their end only: what a watcher is shown at once fits into its buffer. The stored item is whole. */
export const ITEM_MAX_CHARS = 100_000;

export function openItems(): OpenItems {
  const items = new Map<string, Item>();

  const open = (item_id: string, head_seq: number): Item => {
    const item = items.get(item_id) ?? { kind: 'unknown', text: '', began_at: head_seq };
    items.set(item_id, item);
    for (const oldest of items.keys()) if (items.size > ITEMS_MAX) items.delete(oldest);
    return item;
  };

  return {
    take(frame, head_seq) {
      switch (frame.type) {
        case 'item.started':
          open(frame.item_id, head_seq).kind = frame.kind;
          return;
        case 'item.delta': {
          const item = open(frame.item_id, head_seq);
          item.text = (item.text + frame.delta).slice(-ITEM_MAX_CHARS);
          return;
        }
        case 'item.snapshot':
          open(frame.item_id, head_seq).text = frame.text;
          return;
        case 'stream.ready':
        case 'heartbeat':
          return;
      }
    },
    drop({ finished, turn_ended_at }) {
      for (const id of finished) items.delete(id);
      for (const [id, item] of items) if (item.began_at < turn_ended_at) items.delete(id);
    },
    beganAt(head_seq) {
      for (const item of items.values()) item.began_at ||= head_seq;
    },
    frames: () =>
      [...items].flatMap(([item_id, { kind, text }]): Frame[] => [
        { type: 'item.started', item_id, kind },
        { type: 'item.snapshot', item_id, text },
      ]),
    isEmpty: () => items.size === 0,
  };
}
