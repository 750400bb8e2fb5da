/** Stories for the view: events and frames as the stream brings them, and what a screen shows of them. */
import { createColors } from 'picocolors';
import type { Followed } from '../../../../src/api/contract/event-stream.ts';
import type { Actor, Via } from '../../../../src/domain/actor.ts';
import type { Envelope } from '../../../../src/domain/events/envelope.ts';
import type { EventType } from '../../../../src/domain/events/vocabulary.ts';
import { render } from '../../../../src/cli/render/render.ts';
import { plainScreen, together } from '../../../../src/cli/watch/screen.ts';
import { NOTHING_SEEN, type RenderState } from '../../../../src/cli/render/state.ts';

const START = Date.parse('2026-11-24T10:00:00.000Z');
export const ANN: Actor = { type: 'user', id: 'ann' };

export interface More {
  /** Milliseconds since the story began. */
  readonly at?: number;
  readonly actor?: Actor;
  readonly via?: Via | null;
  readonly turn_id?: string | null;
}

export function event(
  type: EventType,
  data: Readonly<Record<string, unknown>> = {},
  { at = 0, actor = { type: 'system', id: 'tackroom' }, via = null, turn_id = 'trn_1' }: More = {},
): Followed & { readonly kind: 'event' } {
  const envelope: Envelope = {
    id: `evt_${type}`,
    seq: 1,
    type,
    session_id: 'ses_1',
    turn_id,
    run_id: null,
    parent_session_id: null,
    actor,
    via,
    created_at: new Date(START + at).toISOString(),
    traceparent: null,
    prev_hash: '',
    hash: '',
    data,
  };
  return { kind: 'event', event: envelope };
}

export const begins = (item_id: string, kind = 'message'): Followed => ({
  kind: 'frame',
  frame: { type: 'item.started', item_id, kind },
});
export const delta = (item_id: string, words: string): Followed => ({
  kind: 'frame',
  frame: { type: 'item.delta', item_id, channel: 'text', delta: words },
});
export const snapshot = (item_id: string, words: string): Followed => ({
  kind: 'frame',
  frame: { type: 'item.snapshot', item_id, text: words },
});
export const lost: Followed = { kind: 'connection', state: 'lost', tries: 1, wait_ms: 50, reason: 'cut' };
export const open: Followed = { kind: 'connection', state: 'open' };

export const said = (item_id: string, text: string) =>
  event('agent.message', { item_id, content: [{ type: 'text', text }] });

export const used = (tool_use_id: string, name: string, title: string, more: Readonly<Record<string, unknown>> = {}) =>
  event('agent.tool_use', { tool_use_id, name, title, kind: 'execute', input: {}, ...more });

export const result = (tool_use_id: string, text: string, more: Readonly<Record<string, unknown>> = {}, at = 0) =>
  event('agent.tool_result', { tool_use_id, is_error: false, content: [{ type: 'text', text }], ...more }, { at });

export interface Shown {
  /** As on a terminal: everything in its order. */
  readonly screen: string;
  /** What goes to stdout when it is piped. */
  readonly words: string;
  readonly state: RenderState;
}

export function shown(
  story: readonly Followed[],
  { colors = false, width = 100 }: { readonly colors?: boolean; readonly width?: number } = {},
): Shown {
  const look = { colors: createColors(colors), width };
  let state = NOTHING_SEEN;
  let screen = '';
  let words = '';
  const terminal = plainScreen(
    together({ words: (text) => (screen += text), talk: (line) => (screen += `${line}\n`) }),
  );
  for (const heard of story) {
    const rendered = render(heard, state, look);
    ({ state } = rendered);
    terminal.print(rendered.pieces);
    for (const piece of rendered.pieces) if (piece.to === 'words') words += piece.text;
  }
  return { screen, words, state };
}
