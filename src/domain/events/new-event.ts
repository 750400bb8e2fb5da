/** What a producer means, before the store stamps it. Types only. */
import type { Actor, Via } from '../actor.ts';
import type { EventType } from './vocabulary.ts';

export interface NewEvent {
  readonly type: EventType;
  readonly turn_id: string | null;
  readonly actor: Actor;
  readonly via: Via | null;
  /** Large fields (`content input output text preview`) may stand as BlobRefs. */
  readonly data: Readonly<Record<string, unknown>>;
}
