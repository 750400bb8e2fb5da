/** Folds one event of the log into the state. What is not the machine's own leaves the state as it is. */
import type { Grant } from '../approval/schema.ts';
import type { BlobRef } from '../content.ts';
import { refIn } from '../events/blob-fields.ts';
import type { NewEvent } from '../events/new-event.ts';
import type { ResumeAfter } from '../turn.ts';
import { bounded } from './bounded.ts';
import { asked, extended, resolved } from './evolve-approval.ts';
import { initial } from './initial.ts';
import type { Message, SessionState, TurnState } from './state.ts';

/** The state after this event. A log starts with `session.created`. */
export function evolve(state: SessionState, event: NewEvent): SessionState {
  return bounded(next(state, event));
}

function next(state: SessionState, event: NewEvent): SessionState {
  const { data } = event;
  switch (event.type) {
    case 'session.created':
      return initial(data);
    case 'session.updated':
      return updated(state, data as Updated);
    case 'session.closed':
      return { ...state, phase: 'closed', close_reason: (data as { reason: string }).reason, queue: [] };
    case 'user.message':
      return heard(state, event, { ...(data as unknown as Heard), content: refIn(data, 'content') as BlobRef });
    case 'queue.updated':
      return requeued(state, data as { readonly requeued?: Message });
    case 'user.interrupt':
      return onTurn(state, (turn) => ({ ...turn, stopping: { actor: event.actor, via: event.via } }));
    case 'turn.started':
      return begun(state, (data as { readonly message: Message }).message);
    case 'session.placed':
      return onTurn({ ...state, host: (data as { host_id: string }).host_id }, (turn) => ({
        ...turn,
        phase: 'running',
        awaiting: [],
      }));
    case 'turn.suspended':
      return onTurn(state, (turn) => ({
        ...turn,
        phase: 'suspended',
        awaiting: (data as { approval_ids: readonly string[] }).approval_ids,
      }));
    case 'turn.resumed': // after a crash it is the same attempt again, noted by itself: nobody decided anything
      return data['after'] === 'crash' ? state : onTurn(state, (turn) => resumed(turn, data as unknown as Resumed));
    case 'turn.completed':
      return ended(state, 'completed');
    case 'turn.failed':
      return ended(state, 'failed');
    case 'turn.cancelled':
      return ended(state, 'cancelled');
    case 'approval.requested':
      return asked(state, data);
    case 'approval.extended':
      return extended(state, data);
    case 'approval.resolved':
      return resolved(state, event);
    case 'grant.created':
      return granted(state, data as unknown as Grant);
    case 'grant.revoked':
      return { ...state, grants: state.grants.filter(({ grant_id }) => grant_id !== data['grant_id']) };
    default:
      return state;
  }
}

interface Updated {
  readonly policy_version?: string;
  readonly agent_config?: BlobRef;
  readonly steers?: boolean;
}
interface Heard {
  readonly client_id: string;
  readonly content: BlobRef;
  readonly delivery: 'start' | 'queue' | 'steer';
  readonly first?: boolean;
}
interface Resumed {
  readonly after: ResumeAfter;
  readonly attempt: number;
  readonly lost_host?: string;
}

function updated(state: SessionState, { policy_version, agent_config, steers }: Updated): SessionState {
  return {
    ...state,
    ...(policy_version !== undefined && { policy_version }),
    ...(agent_config !== undefined && { agent: agent_config }),
    ...(steers !== undefined && { steers }),
  };
}

/** Remembered by its client id; waits in the queue unless a turn takes it at once. */
function heard(
  state: SessionState,
  { turn_id, actor, via }: NewEvent,
  { client_id, content, delivery, first }: Heard,
): SessionState {
  const known = remember(state, client_id, turn_id ?? '');
  if (delivery !== 'queue') return known;
  const message: Message = { client_id, turn_id: turn_id ?? '', content, actor, via };
  return { ...known, queue: first ? [message, ...known.queue] : [...known.queue, message] };
}

function remember(state: SessionState, client_id: string, turn_id: string): SessionState {
  const others = state.client_ids.filter(([id]) => id !== client_id);
  return { ...state, client_ids: [...others, [client_id, turn_id] as const].slice(-state.limits.client_ids_max) };
}

/** A steer that the harness did not take: first in the queue, as a turn of its own. */
function requeued(state: SessionState, { requeued: message }: { readonly requeued?: Message }): SessionState {
  if (!message) return state;
  return { ...remember(state, message.client_id, message.turn_id), queue: [message, ...state.queue] };
}

function begun(state: SessionState, message: Message): SessionState {
  const turn: TurnState = {
    turn_id: message.turn_id,
    phase: 'starting',
    attempt: 1,
    after: null,
    message,
    agent: state.agent,
    steers: state.steers,
    lost_hosts: [],
    awaiting: [],
  };
  return {
    ...remember(state, message.client_id, message.turn_id),
    turn,
    queue: state.queue.filter(({ turn_id }) => turn_id !== message.turn_id),
  };
}

const LOST_HOSTS_MAX = 3;

function resumed(turn: TurnState, { after, attempt, lost_host }: Resumed): TurnState {
  return {
    ...turn,
    phase: 'starting',
    after,
    attempt,
    lost_hosts: lost_host === undefined ? turn.lost_hosts : [...turn.lost_hosts, lost_host].slice(-LOST_HOSTS_MAX),
  };
}

function ended(state: SessionState, end: 'completed' | 'failed' | 'cancelled'): SessionState {
  const { turn, ...rest } = state;
  return { ...rest, last_end: { turn_id: turn?.turn_id ?? '', end } };
}

/** A grant for once is carried by its answer. A lasting one counts here too: the session may have no project that keeps it. */
function granted(state: SessionState, grant: Grant): SessionState {
  return grant.scope === 'once'
    ? state
    : { ...state, grants: [...state.grants, grant].slice(-state.limits.session_grants_max) };
}

function onTurn(state: SessionState, change: (turn: TurnState) => TurnState): SessionState {
  return state.turn ? { ...state, turn: change(state.turn) } : state;
}
