/** Turns as a fold of the log. */
import type { Envelope } from '../../../domain/events/envelope.ts';
import type { Turn } from '../../contract/turn.ts';

/** The types that the fold reads. */
export const TURN_EVENTS = [
  'turn.started',
  'turn.suspended',
  'turn.resumed',
  'turn.completed',
  'turn.failed',
  'turn.cancelled',
  'usage.recorded',
] as const;

/** One more event; what says nothing about turns leaves them as they are. */
export function foldTurn(turns: ReadonlyMap<string, Turn>, event: Envelope): ReadonlyMap<string, Turn> {
  if (event.turn_id === null) return turns;
  const turn = turns.get(event.turn_id);
  const next = turn ? evolve(turn, event) : begun(event);
  return next === undefined || next === turn ? turns : new Map(turns).set(next.id, next);
}

/** Whether nothing more happens in it until a person acts or another turn begins. */
export const hasStopped = (turn: Turn): boolean => turn.status !== 'running';

function begun(event: Envelope): Turn | undefined {
  if (event.type !== 'turn.started' || event.turn_id === null) return undefined;
  return {
    object: 'turn',
    id: event.turn_id,
    session_id: event.session_id,
    status: 'running',
    attempt: numberOf(event.data['attempt']) || 1,
    stop_reason: null,
    error: null,
    input_tokens: 0,
    output_tokens: 0,
    started_at: event.created_at,
    ended_at: null,
  };
}

function evolve(turn: Turn, { type, data, created_at }: Envelope): Turn {
  switch (type) {
    case 'turn.started':
    case 'turn.resumed':
      return { ...turn, status: 'running', attempt: numberOf(data['attempt']) || turn.attempt };
    case 'turn.suspended':
      return { ...turn, status: 'suspended' };
    case 'turn.completed':
      return { ...turn, status: 'completed', stop_reason: textOf(data['stop_reason']), ended_at: created_at };
    case 'turn.cancelled':
      return { ...turn, status: 'cancelled', stop_reason: 'cancelled', ended_at: created_at };
    case 'turn.failed':
      return { ...turn, status: 'failed', error: errorOf(data['error']), ended_at: created_at };
    case 'usage.recorded':
      return {
        ...turn,
        input_tokens: turn.input_tokens + numberOf(data['input_tokens']),
        output_tokens: turn.output_tokens + numberOf(data['output_tokens']),
      };
    default:
      return turn;
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
function errorOf(value: unknown): Turn['error'] {
  const { code, message } = (value ?? {}) as { code?: unknown; message?: unknown };
  return { code: textOf(code) ?? 'internal', message: textOf(message) ?? '' };
}
