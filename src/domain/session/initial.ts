/** The first event of a session's log, and the state it folds to. */
import type { Actor, Via } from '../actor.ts';
import type { BlobRef } from '../content.ts';
import { DEFAULTS } from '../defaults.ts';
import type { SessionEvent } from './event.ts';
import type { SessionLimits, SessionState } from './state.ts';

export interface NewSession {
  readonly session_id: string;
  readonly agent: BlobRef;
  readonly policy_version: string;
  readonly steers: boolean;
  readonly limits?: Partial<SessionLimits>;
  /** What people read about it: title, harness, model, project … */
  readonly about: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly via: Via | null;
}

export const DEFAULT_LIMITS: SessionLimits = {
  grace_s: DEFAULTS.grace_s,
  late_s: DEFAULTS.late_s,
  reprieve_s: DEFAULTS.reprieve_s,
  queue_max: DEFAULTS.queue_max,
  client_ids_max: DEFAULTS.client_ids_max,
  resolved_approvals_max: DEFAULTS.resolved_approvals_max,
  session_grants_max: DEFAULTS.session_grants_max,
};

/** `session.created`: all that the fold starts from. */
export function created({ actor, via, about, limits, ...rest }: NewSession): SessionEvent {
  const { agent, ...own } = rest;
  const data = { ...about, ...own, agent_config: agent, limits: { ...DEFAULT_LIMITS, ...limits } };
  return { type: 'session.created', turn_id: null, actor, via, data };
}

/** The state right after `session.created`. */
export function initial(data: Readonly<Record<string, unknown>>): SessionState {
  const from = data as {
    session_id: string;
    agent_config: BlobRef;
    policy_version: string;
    steers: boolean;
    limits: SessionLimits;
  };
  return {
    session_id: from.session_id,
    phase: 'open',
    close_reason: null,
    limits: from.limits,
    agent: from.agent_config,
    policy_version: from.policy_version,
    steers: from.steers,
    host: null,
    queue: [],
    client_ids: [],
    approvals: {},
    grants: [],
    last_end: null,
  };
}
