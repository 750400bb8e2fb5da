/** What the machine decides, in the words of the log: each is a NewEvent, so the fold of the log gives the state again. No zod here: workflow code uses it. */
import type { NewEvent } from '../events/new-event.ts';

/** The types that `decide` emits and `evolve` folds; all other events of a log leave the state as it is. */
export const MACHINE_EVENTS = [
  'session.created',
  'session.updated',
  'session.placed',
  'session.closed',
  'user.message',
  'user.interrupt',
  'queue.updated',
  'turn.started',
  'turn.suspended',
  'turn.resumed',
  'turn.completed',
  'turn.failed',
  'turn.cancelled',
  'approval.requested',
  'approval.extended',
  'approval.resolved',
  'grant.created',
  'grant.revoked',
  'error.raised',
] as const;
export type MachineEventType = (typeof MACHINE_EVENTS)[number];
export type SessionEvent = NewEvent & { readonly type: MachineEventType };
