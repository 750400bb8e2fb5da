/** Whether a session that should move does not, and why. What waits for a person is not stuck. Pure. */
import type { SessionRow } from '../ports/projections.ts';
import type { Pending } from '../ports/pending.ts';

export const STUCK_REASONS = [
  'step_failing',
  'activity_failing',
  'no_slot',
  'host_missing',
  'worker_missing',
  'engine_away',
  'broker_away',
  'turn_silent',
] as const;

export interface Stuck {
  readonly reason: (typeof STUCK_REASONS)[number];
  /** For people: what it waits for, or what fails. */
  readonly detail: string;
  /** RFC 3339: nothing has moved since. */
  readonly since: string;
}

export interface StuckFacts {
  readonly row: Pick<SessionRow, 'status' | 'updated_at'>;
  /** What the engine has open for it; null: it knows no such session. */
  readonly pending: Pending | null | 'engine_away';
  readonly broker_answers: boolean;
  readonly now_ms: number;
  /** A turn that has brought no event for so long is silent. */
  readonly silent_after_ms: number;
}

/** Before that a step, an activity or a request is merely under way. */
export const soonAfter = ({ silent_after_ms }: Pick<StuckFacts, 'silent_after_ms'>): number =>
  Math.min(10_000, silent_after_ms);
/** Once may be a worker that died over it, twice its successor. */
const FAILS_AGAIN = 3;

export function stuckOf(facts: StuckFacts): Stuck | null {
  const { row, pending } = facts;
  const should_move = row.status === 'starting' || row.status === 'running';
  if (row.status === 'closed') return null;
  if (pending === 'engine_away')
    return should_move ? { reason: 'engine_away', detail: 'The engine does not answer.', since: row.updated_at } : null;
  const failing = pending && failingStep(pending, row);
  if (failing || !should_move) return failing ?? null;
  return (pending && (waitingStep(pending, facts) ?? activityOf(pending, facts))) ?? quietTurn(facts);
}

type Row = StuckFacts['row'];

function failingStep({ step }: Pending, row: Row): Stuck | null {
  if (!step || step.attempt < FAILS_AGAIN) return null;
  const detail = `Its next step has failed ${step.attempt - 1} times: ${step.failure ?? 'no worker finished it in time'}`;
  return { reason: 'step_failing', detail, since: row.updated_at };
}

function waitingStep({ step }: Pending, facts: StuckFacts): Stuck | null {
  if (!step || step.is_started || !isOld(step.scheduled_at, facts)) return null;
  return { reason: 'worker_missing', detail: 'No worker takes its next step.', since: step.scheduled_at ?? '' };
}

function activityOf({ activities }: Pending, facts: StuckFacts): Stuck | null {
  const { row } = facts;
  for (const { type, attempt, is_started, scheduled_at, failure } of activities) {
    if (failure?.type === 'no_capacity') return { reason: 'no_slot', detail: failure.message, since: row.updated_at };
    if (failure && attempt >= FAILS_AGAIN && (type !== 'runTurn' || cannotWrite(failure, is_started))) {
      const detail = `${type} has failed ${attempt - 1} times: ${failure.type}: ${failure.message}`;
      return { reason: 'activity_failing', detail, since: row.updated_at };
    }
    if (is_started || !isOld(scheduled_at, facts)) continue;
    const since = scheduled_at ?? row.updated_at;
    return type === 'runTurn'
      ? { reason: 'host_missing', detail: 'Its turn waits for its host, and no worker there takes it.', since }
      : { reason: 'worker_missing', detail: `No worker takes ${type}.`, since };
  }
  return null;
}

/** A turn's attempts fail for many reasons and go on; while the next one waits for a store that takes nothing, a person has to mend it. */
const cannotWrite = ({ type }: { readonly type: string }, is_started: boolean): boolean =>
  type === 'store_unavailable' && !is_started;

/** Last: what is known of the engine says more. */
function quietTurn(facts: StuckFacts): Stuck | null {
  const { row, broker_answers, now_ms, silent_after_ms } = facts;
  const silent_ms = now_ms - Date.parse(row.updated_at);
  if (!broker_answers && silent_ms > soonAfter(facts))
    return {
      reason: 'broker_away',
      detail: 'The broker does not answer: no request reaches the model.',
      since: row.updated_at,
    };
  if (silent_ms <= silent_after_ms) return null;
  const detail = `Its turn has brought no event for ${inWords(silent_ms)}; a command may run that long.`;
  return { reason: 'turn_silent', detail, since: row.updated_at };
}

const isOld = (at: string | null, facts: StuckFacts): boolean =>
  at !== null && facts.now_ms - Date.parse(at) > soonAfter(facts);

const inWords = (ms: number): string =>
  ms < 120_000 ? `${Math.floor(ms / 1_000)} s` : `${Math.floor(ms / 60_000)} min`;
