/** Builders for what is put into a store. */
import { createHash } from 'node:crypto';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import type { Lease } from '../../../../src/domain/ports/leases.ts';

export const SESSION = 'ses_00000000000000000000000001';
export const OTHER_SESSION = 'ses_00000000000000000000000002';
export const SYSTEM = { type: 'system', id: 'tackroom' } as const;

/** The oracle's own hash. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

export const message = (text: string, over: Partial<NewEvent> = {}): NewEvent => ({
  type: 'agent.message',
  turn_id: 'trn_1',
  actor: SYSTEM,
  via: null,
  data: { text },
  ...over,
});

export const aLease = (over: Partial<Lease> = {}): Omit<Lease, 'epoch' | 'taken_at'> => ({
  session_id: SESSION,
  host: 'host-1',
  workflow_id: `session/${SESSION}`,
  workflow_run_id: 'run-1',
  activity_id: 'activity-1',
  holder: '17.4711',
  ...over,
});

/** From this size on content is a file. */
export const LARGE = 64 * 1024;
