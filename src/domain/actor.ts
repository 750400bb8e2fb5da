/** Who did something, and through what. */
import { z } from 'zod';
import { ACTOR_TYPES, VIAS } from './actor-words.ts';

export const Actor = z.object({ type: z.enum(ACTOR_TYPES), id: z.string().min(1) }).meta({ id: 'Actor' });
export type Actor = z.infer<typeof Actor>;

/** Null where no surface took part. */
export const Via = z.enum(VIAS).meta({ id: 'Via' });
export type Via = z.infer<typeof Via>;
