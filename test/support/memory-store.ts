/** The ports of the store in memory: for tests of what stands on them. The store itself is tested on SQLite. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/domain/canonical.ts';
import { TackError } from '../../src/domain/errors.ts';
import { pageOf } from '../../src/api/server/view/page.ts';
import type { Envelope } from '../../src/domain/events/envelope.ts';
import type { NewEvent } from '../../src/domain/events/new-event.ts';
import type { Blobs, EventLog } from '../../src/domain/ports/event-log.ts';
import type { ApprovalRow, Projections, SessionGrant, SessionRow } from '../../src/domain/ports/projections.ts';
import type { Records, SessionRecord } from '../../src/domain/ports/records.ts';

export interface MemoryStore {
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly projections: Projections;
  readonly records: Records;
  /** Rows that the projections show. */
  readonly rows: {
    readonly sessions: Map<string, SessionRow>;
    readonly approvals: Map<string, ApprovalRow>;
    readonly grants: SessionGrant[];
  };
  /** Appends events of one type of writer. */
  say(session_id: string, ...events: readonly (Pick<NewEvent, 'type'> & Partial<NewEvent>)[]): Promise<void>;
  /** Kept blobs, as text. */
  readonly kept: ReadonlyMap<string, string>;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function memoryStore(): MemoryStore {
  const logs = new Map<string, Envelope[]>();
  const watchers = new Map<string, Set<() => void>>();
  const kept = new Map<string, string>();
  const rows = {
    sessions: new Map<string, SessionRow>(),
    approvals: new Map<string, ApprovalRow>(),
    grants: [] as SessionGrant[],
  };
  const recorded = new Map<string, SessionRecord>();
  const answers = new Map<string, { digest: string; status: number; body: unknown }>();
  const grants = new Map<
    string,
    { project_id: string; grant: Readonly<Record<string, unknown>> & { readonly grant_id: string } }
  >();
  const revoked = new Set<string>();
  const of = (log_id: string): Envelope[] => logs.get(log_id) ?? logs.set(log_id, []).get(log_id)!;
  const wake = (log_id: string) => {
    for (const ring of watchers.get(log_id) ?? []) ring();
  };

  const log: EventLog = {
    async append(log_id, _epoch, _key, events) {
      const stored = of(log_id);
      const first_seq = stored.length + 1;
      for (const event of events) {
        const prev_hash = stored.at(-1)?.hash ?? sha256(`tackroom/1/${log_id}`);
        const bare = { ...event, seq: stored.length + 1 };
        stored.push({
          id: `evt_${log_id.slice(4)}${bare.seq}`,
          session_id: log_id,
          run_id: null,
          parent_session_id: null,
          created_at: new Date().toISOString(),
          traceparent: null,
          prev_hash,
          hash: sha256(prev_hash + canonicalJson(bare)),
          ...bare,
          data: { ...event.data },
        });
      }
      wake(log_id);
      return { first_seq, head_seq: stored.length, head_hash: stored.at(-1)?.hash ?? '' };
    },
    read: async (log_id, { limit, types, ...from }) => {
      const known = of(log_id).filter(({ type }) => !types || types.includes(type));
      if ('after' in from) return known.filter(({ seq }) => seq > from.after).slice(0, limit);
      return known
        .filter(({ seq }) => seq < from.before)
        .toReversed()
        .slice(0, limit);
    },
    head: async (log_id) => ({ seq: of(log_id).length, hash: of(log_id).at(-1)?.hash ?? '' }),
    verify: async () => null,
    watch(log_id, ring, signal) {
      const all = watchers.get(log_id) ?? watchers.set(log_id, new Set()).get(log_id)!;
      all.add(ring);
      signal.addEventListener('abort', () => all.delete(ring));
    },
    poke: wake,
  };

  return {
    log,
    kept,
    rows,
    async say(session_id, ...events) {
      await log.append(
        session_id,
        null,
        '',
        events.map((event) => ({
          turn_id: null,
          actor: { type: 'system', id: 'tackroom' },
          via: null,
          data: {},
          ...event,
        })),
      );
    },
    blobs: {
      async put(bytes) {
        const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
        kept.set(sha256(text), text);
        return { $blob: sha256(text), bytes: Buffer.byteLength(text) };
      },
      get: async ({ $blob }) => Buffer.from(kept.get($blob) ?? ''),
      text: async ({ $blob }) => kept.get($blob) ?? '',
    },
    projections: {
      async sessions({ status, order = 'desc', ...stretch }) {
        const all = [...rows.sessions.values()].filter((row) => status === undefined || row.status === status);
        return pageOf(all, (row) => row.session_id, { ...stretch, order });
      },
      session: async (id) => rows.sessions.get(id) ?? null,
      async approvals({ status, session_id, order = 'asc', ...stretch }) {
        const all = [...rows.approvals.values()].filter(
          (row) =>
            (status === undefined || row.status === status) &&
            (session_id === undefined || row.session_id === session_id),
        );
        return pageOf(all, (row) => row.approval_id, { ...stretch, order });
      },
      approval: async (id) => rows.approvals.get(id) ?? null,
      grants: async (session_id) => rows.grants.filter((row) => session_id === null || row.session_id === session_id),
    },
    records: {
      async createSession(record) {
        if (recorded.has(record.session_id)) throw new TackError('store_key_conflict', record.session_id);
        recorded.set(record.session_id, record);
      },
      session: async (id) => recorded.get(id) ?? null,
      async claim(key, digest) {
        const known = answers.get(key);
        if (known && known.digest !== digest) return { kind: 'mismatch' };
        if (known?.status) return { kind: 'known', status: known.status, body: known.body };
        answers.set(key, { digest, status: 0, body: null });
        return { kind: 'ours' };
      },
      async remember(key, digest, answer) {
        answers.set(key, { digest, ...answer });
      },
      async release(key) {
        answers.delete(key);
      },
      forgetKeys: async () => 0,
      grants: async (project_id) =>
        [...grants.values()].filter((row) => row.project_id === project_id).map(({ grant }) => grant),
      allGrants: async () => [...grants.values()],
      async writeGrant(project_id, grant) {
        grants.set(grant.grant_id, { project_id, grant });
      },
      revokeGrant: async (grant_id) => {
        revoked.add(grant_id);
        return grants.delete(grant_id);
      },
      isGrantRevoked: async (grant_id) => revoked.has(grant_id),
    },
  };
}
