/** Messages: a prompt begins a turn or waits in the queue; a steer goes into the running turn, or first into the queue. */
import { refuse } from '../errors.ts';
import type { Command } from './command.ts';
import type { SessionEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { Result } from './result.ts';
import type { Message, SessionState } from './state.ts';
import { SYSTEM_ACTOR } from '../system-actor.ts';

export function prompt(state: SessionState, command: Command<'prompt'>): Result {
  return refuseMessage(state, command) ?? (state.turn ? queued(state, command, false) : begin(messageOf(command)));
}

export function steer(state: SessionState, command: Command<'steer'>): Result {
  const refusal = refuseMessage(state, command);
  if (refusal) return refusal;
  const { turn } = state;
  if (!turn) return begin(messageOf(command));
  if (turn.phase !== 'running' || turn.stopping || !turn.steers) return queued(state, command, true);
  return [said(messageOf(command), { delivery: 'steer', own_turn_id: command.turn_id }, turn.turn_id)];
}

/** The harness ended its turn before it took the message: it becomes a turn of its own. */
export function steerMissed(state: SessionState, { message }: Command<'steer_missed'>): Result {
  const { client_id, turn_id, content, actor, via } = message;
  const own: Message = { client_id, turn_id, content, actor, via };
  if (state.phase === 'closed') {
    const lost = { code: 'session_closed', message: 'The session ended before a message reached it.', client_id };
    return [{ type: 'error.raised', turn_id: null, actor: SYSTEM_ACTOR, via: null, data: lost }];
  }
  if (!state.turn) return [started(own)];
  return [
    {
      type: 'queue.updated',
      turn_id: null,
      actor: SYSTEM_ACTOR,
      via: null,
      data: { items: itemsOf([own, ...state.queue]), requeued: own },
    },
  ];
}

/** The next message of the queue begins its turn; nothing where none waits or the session has ended. */
export function beginNext(state: SessionState): readonly SessionEvent[] {
  const [next, ...rest] = state.queue;
  if (!next || state.turn || state.phase === 'closed') return [];
  return [started(next), queueUpdated(rest)];
}

/** Null: the message is taken. An empty list: it was taken before, under the same client id. */
function refuseMessage(state: SessionState, { client_id }: Command<'prompt' | 'steer'>): Result | null {
  if (state.phase === 'closed') return refuse('session_closed', 'This session has ended.');
  if (state.client_ids.some(([known]) => known === client_id)) return [];
  if (state.turn && state.queue.length >= state.limits.queue_max) {
    return refuse('queue_full', `${state.limits.queue_max} messages wait already.`, {
      queue_max: state.limits.queue_max,
    });
  }
  return null;
}

const begin = (message: Message): readonly SessionEvent[] => [
  said(message, { delivery: 'start' }, message.turn_id),
  started(message),
];

function queued(state: SessionState, command: Command<'prompt' | 'steer'>, first: boolean): readonly SessionEvent[] {
  const event = said(messageOf(command), { delivery: 'queue', ...(first && { first }) }, command.turn_id);
  return [event, queueUpdated(evolve(state, event).queue)];
}

function said(message: Message, how: Readonly<Record<string, unknown>>, turn_id: string): SessionEvent {
  const { client_id, content, actor, via } = message;
  return { type: 'user.message', turn_id, actor, via, data: { client_id, content, ...how } };
}

function started(message: Message): SessionEvent {
  return {
    type: 'turn.started',
    turn_id: message.turn_id,
    actor: message.actor,
    via: message.via,
    data: { trigger: 'prompt', attempt: 1, message },
  };
}

const queueUpdated = (queue: readonly Message[]): SessionEvent => ({
  type: 'queue.updated',
  turn_id: null,
  actor: SYSTEM_ACTOR,
  via: null,
  data: { items: itemsOf(queue) },
});

const itemsOf = (queue: readonly Message[]) =>
  queue.map(({ turn_id, client_id }, n) => ({ queued_id: turn_id, client_id, position: n + 1 }));

const messageOf = ({ client_id, turn_id, content, actor, via }: Command<'prompt' | 'steer'>): Message => ({
  client_id,
  turn_id,
  content,
  actor,
  via,
});
