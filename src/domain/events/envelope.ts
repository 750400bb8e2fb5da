/** What the store stamps on every event: identical at rest, in SSE, NDJSON and exports. */
import { z } from 'zod';
import { Actor, Via } from '../actor.ts';
import { EVENT_TYPES } from './vocabulary.ts';

export const Envelope = z
  .object({
    id: z.string().describe('evt_…, unique.'),
    seq: z.number().int().positive().describe('Gapless within the log, from 1.'),
    type: z.enum(EVENT_TYPES),
    session_id: z.string(),
    turn_id: z.string().nullable(),
    run_id: z.string().nullable(),
    parent_session_id: z.string().nullable(),
    actor: Actor,
    via: Via.nullable(),
    created_at: z.string().describe('RFC 3339 UTC.'),
    traceparent: z.string().nullable(),
    prev_hash: z.string(),
    hash: z.string().describe('sha256(prev_hash ‖ JCS(envelope without hash, data with blob references)).'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });
export type Envelope = z.infer<typeof Envelope>;

/** Transient: no seq, no id, never stored. */
export const Frame = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('stream.ready'), head_seq: z.number().int(), resume: z.literal('ok') }),
    z.object({ type: z.literal('item.started'), item_id: z.string(), kind: z.string() }),
    z.object({
      type: z.literal('item.delta'),
      item_id: z.string(),
      channel: z.enum(['text', 'thinking', 'tool_input', 'tool_output']),
      delta: z.string(),
    }),
    z.object({ type: z.literal('item.snapshot'), item_id: z.string(), text: z.string() }),
    z.object({ type: z.literal('heartbeat') }),
  ])
  .meta({ id: 'Frame' });
export type Frame = z.infer<typeof Frame>;
