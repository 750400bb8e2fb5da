/** Who did something, and through what. */
import { z } from 'zod';

export const ACTOR_TYPES = ['user', 'agent', 'policy', 'system', 'reviewer', 'operator'] as const;
export const Actor = z.object({ type: z.enum(ACTOR_TYPES), id: z.string().min(1) }).meta({ id: 'Actor' });
export type Actor = z.infer<typeof Actor>;

/** The surface that was used; null where no surface took part. */
export const VIAS = [
  'web',
  'tui',
  'cli',
  'api',
  'mcp',
  'acp',
  'slack',
  'push',
  'webhook',
  'schedule',
  'signal',
] as const;
export const Via = z.enum(VIAS).meta({ id: 'Via' });
export type Via = z.infer<typeof Via>;
