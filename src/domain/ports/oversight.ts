/** What an operator asks of a room: what waits, how long, and why something does not move. Types only. */
import type { Stuck } from '../session/stuck.ts';
import type { Lease } from './leases.ts';
import type { Pending } from './pending.ts';
import type { SessionRow } from './projections.ts';

export interface QueueState {
  readonly name: string;
  readonly kind: 'workflow' | 'activity';
  /** Tasks that no worker has taken yet, about. */
  readonly backlog: number;
  /** How long the oldest of them waits (s); 0: none. */
  readonly oldest_s: number;
  /** Who asked for work in the last minute. */
  readonly pollers: number;
}

/** The engine, looked at. Every method throws `engine_unavailable` when it is away. */
export interface EngineView {
  /** Sessions whose steps the engine itself reports as a problem. */
  troubled(): Promise<readonly string[]>;
  /** Null: it knows no such session that is open. */
  pending(session_id: string): Promise<Pending | null>;
  queues(host_queues: readonly string[]): Promise<readonly QueueState[]>;
}

/** Counted from the projections. */
export interface Census {
  sessionsByStatus(): Promise<Readonly<Record<string, number>>>;
  /** Of this status, and without an event since then. */
  quiet(statuses: readonly string[], since: string): Promise<readonly SessionRow[]>;
  /** The queued message that waits longest. */
  oldestPrompt(): Promise<{ readonly session_id: string; readonly turn_id: string; readonly since: string } | null>;
}

export interface NamedStuck extends Stuck {
  readonly session_id: string;
  readonly title: string;
}

export interface RoomState {
  readonly sessions: Readonly<Record<string, number>>;
  /** Null: the engine does not answer. */
  readonly queues: readonly QueueState[] | null;
  readonly leases: readonly Lease[];
  readonly oldest_approval: {
    readonly approval_id: string;
    readonly session_id: string;
    readonly title: string;
    readonly since: string;
  } | null;
  readonly oldest_prompt: Awaited<ReturnType<Census['oldestPrompt']>>;
  readonly stuck: readonly NamedStuck[];
}

/** What of a session's row says whether it should move. */
export type SeenRow = Pick<SessionRow, 'session_id' | 'status' | 'updated_at'>;

export interface Oversight {
  /** Those of them that are stuck. */
  stuckAmong(rows: readonly SeenRow[]): Promise<ReadonlyMap<string, Stuck>>;
  state(): Promise<RoomState>;
}
