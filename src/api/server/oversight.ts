/** Looks after the sessions: which of them should move and do not. Only those are asked about that were quiet for a while. */
import type { Hosts, Leases } from '../../domain/ports/leases.ts';
import type { Census, EngineView, Oversight, SeenRow } from '../../domain/ports/oversight.ts';
import type { Pending } from '../../domain/ports/pending.ts';
import type { Projections } from '../../domain/ports/projections.ts';
import { soonAfter, stuckOf, type Stuck } from '../../domain/session/stuck.ts';
import { isTackError } from '../../domain/errors.ts';

export interface OversightParts {
  readonly engine: EngineView;
  readonly census: Census;
  readonly projections: Pick<Projections, 'approvals' | 'session'>;
  readonly leases: Pick<Leases, 'held'>;
  readonly hosts: Pick<Hosts, 'list'>;
  readonly brokerAnswers: () => Promise<boolean>;
  readonly now: () => number;
  readonly silent_after_ms: number;
}

const ASKED_AGAIN_MS = 500;
/** Sessions asked about at once. */
const ASKED_MAX = 50;
/** Hosts that were not heard of for so long are no part of the room any more. */
const HOST_GONE_MS = 10 * 60_000;

export function createOversight(parts: OversightParts): Oversight {
  const { engine, census, projections, leases, hosts, now } = parts;
  const soon_ms = soonAfter(parts);

  type Troubled = readonly string[] | typeof AWAY;
  let asked: { readonly at: number; readonly answer: Promise<Troubled> } | undefined;
  /** Whoever looks at sessions again and again must not keep the engine busy. */
  function troubledNow(): Promise<Troubled> {
    if (!asked || now() - asked.at > ASKED_AGAIN_MS) asked = { at: now(), answer: orAway(engine.troubled()) };
    return asked.answer;
  }
  async function among(rows: readonly SeenRow[], troubled: Troubled): Promise<ReadonlyMap<string, Stuck>> {
    const doubtful = rows.filter(
      (row) => (troubled !== AWAY && troubled.includes(row.session_id)) || shouldMoveAndIsQuiet(row, now() - soon_ms),
    );
    if (doubtful.length === 0) return new Map();
    const broker_answers = await parts.brokerAnswers();
    const found = await Promise.all(
      doubtful.slice(0, ASKED_MAX).map(async (row) => {
        const pending = troubled === AWAY ? AWAY : await orAway<Pending | null>(engine.pending(row.session_id));
        const { silent_after_ms } = parts;
        return [row.session_id, stuckOf({ row, pending, broker_answers, now_ms: now(), silent_after_ms })] as const;
      }),
    );
    return new Map(found.flatMap(([id, stuck]) => (stuck ? [[id, stuck] as const] : [])));
  }

  async function stuckNow() {
    const quiet = await census.quiet(['starting', 'running'], new Date(now() - soon_ms).toISOString());
    const troubled = await troubledNow();
    const others = troubled === AWAY ? [] : troubled.filter((id) => !quiet.some(({ session_id }) => session_id === id));
    const more = await Promise.all(others.slice(0, ASKED_MAX).map((id) => projections.session(id)));
    const rows = [...quiet, ...more.flatMap((row) => row ?? [])];
    const stuck = await among(rows, troubled);
    return rows.flatMap(({ session_id, title }) => {
      const why = stuck.get(session_id);
      return why ? [{ session_id, title, ...why }] : [];
    });
  }

  return {
    stuckAmong: async (rows) => among(rows, await troubledNow()),
    async state() {
      const known = (await hosts.list()).filter(({ seen_at }) => now() - Date.parse(seen_at) < HOST_GONE_MS);
      const [sessions, queues, held, pending, oldest_prompt, stuck] = await Promise.all([
        census.sessionsByStatus(),
        orAway(engine.queues(known.map(({ queue }) => queue))),
        leases.held(),
        projections.approvals({ status: 'pending', limit: 1 }), // the longest wait comes first
        census.oldestPrompt(),
        stuckNow(),
      ]);
      const [first] = pending.data;
      return {
        sessions,
        queues: queues === AWAY ? null : queues,
        leases: held,
        oldest_approval: first
          ? {
              approval_id: first.approval_id,
              session_id: first.session_id,
              title: first.title,
              since: first.requested_at,
            }
          : null,
        oldest_prompt,
        stuck,
      };
    },
  };
}

const AWAY = 'engine_away';

async function orAway<T>(answer: Promise<T>): Promise<T | typeof AWAY> {
  try {
    return await answer;
  } catch (error) {
    if (isTackError(error) && error.code === 'engine_unavailable') return AWAY;
    throw error;
  }
}

const shouldMoveAndIsQuiet = ({ status, updated_at }: SeenRow, since_ms: number): boolean =>
  (status === 'starting' || status === 'running') && Date.parse(updated_at) < since_ms;
