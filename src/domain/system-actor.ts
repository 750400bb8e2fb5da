/** Who acts where no person and no agent does. Apart from actor.ts, which brings zod along. */
import type { Actor } from './actor.ts';

export const SYSTEM_ACTOR: Actor = { type: 'system', id: 'tackroom' };
export const POLICY_ACTOR: Actor = { type: 'policy', id: 'on_expiry' };
