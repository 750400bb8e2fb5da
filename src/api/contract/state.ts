/** The room as an operator sees it. */
import { z } from 'zod';
import { STUCK_REASONS } from '../../domain/session/stuck.ts';
import { RoleInfo } from './info.ts';

export const Stuck = z
  .object({
    reason: z.string().describe(`An open list: ${STUCK_REASONS.join(', ')}.`),
    detail: z.string().describe('For people: what it waits for, or what fails.'),
    since: z.string(),
  })
  .meta({ id: 'Stuck' });

export const RoomState = z
  .object({
    object: z.literal('state'),
    roles: z.array(RoleInfo),
    sessions: z.record(z.string(), z.number().int()).describe('How many, by status.'),
    queues: z
      .array(
        z.object({
          name: z.string(),
          kind: z.enum(['workflow', 'activity']),
          backlog: z.number().int().describe('Tasks that no worker has taken yet, about.'),
          oldest_s: z.number().int(),
          pollers: z.number().int(),
        }),
      )
      .nullable()
      .describe('Null: the engine does not answer.'),
    leases: z.array(
      z.object({ session_id: z.string(), epoch: z.number().int(), host: z.string(), taken_at: z.string() }),
    ),
    oldest_approval: z
      .object({ approval_id: z.string(), session_id: z.string(), title: z.string(), since: z.string() })
      .nullable(),
    oldest_prompt: z
      .object({ session_id: z.string(), turn_id: z.string(), since: z.string() })
      .nullable()
      .describe('The queued message that waits longest.'),
    stuck: z.array(Stuck.extend({ session_id: z.string(), title: z.string() })),
  })
  .meta({ id: 'RoomState' });
export type RoomState = z.infer<typeof RoomState>;
