/** Turns, messages and the queue as clients see them. */
import { z } from 'zod';
import { Actor, Via } from '../../domain/actor.ts';
import { Content } from '../../domain/content.ts';

export const TURN_STATUSES = ['running', 'suspended', 'completed', 'failed', 'cancelled'] as const;

export const Turn = z
  .object({
    object: z.literal('turn'),
    id: z.string(),
    session_id: z.string(),
    status: z.enum(TURN_STATUSES),
    attempt: z.number().int(),
    stop_reason: z.string().nullable(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
  })
  .meta({ id: 'Turn' });
export type Turn = z.infer<typeof Turn>;

/** The parts of a message. */
export const MessageContent = z.array(Content).min(1).max(100).describe('What is said: text, images, files.');

/** A message to a session. `queue` waits for the running turn; `steer` goes into it when the harness can, else first in the queue. */
export const SendMessage = z
  .strictObject({
    content: MessageContent,
    delivery: z.enum(['queue', 'steer']).default('queue'),
    client_id: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Names the message: said twice, it is one turn. Else the Idempotency-Key.'),
  })
  .meta({ id: 'SendMessage' });

export const SentMessage = z
  .object({
    object: z.literal('message'),
    session_id: z.string(),
    turn_id: z.string().describe('The turn it begins, or went into.'),
    client_id: z.string(),
    turn: Turn.nullable(),
  })
  .meta({ id: 'SentMessage' });
export type SentMessage = z.infer<typeof SentMessage>;

export const QueueItem = z
  .object({
    object: z.literal('queue_item'),
    id: z.string().describe('The turn that it will begin.'),
    position: z.number().int(),
    client_id: z.string().nullable(),
    content: z.array(Content).nullable(),
    actor: Actor.nullable(),
    via: Via.nullable(),
  })
  .meta({ id: 'QueueItem' });
export type QueueItem = z.infer<typeof QueueItem>;
