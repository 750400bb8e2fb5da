/** Every break of a stored log: its chain, the content that is still there, and what else of the store knows how far it went. */
import { setImmediate } from 'node:timers/promises';
import { everyRefIn } from '../../domain/events/blob-fields.ts';
import { genesisOf, hashOf, type Unsealed } from '../../domain/events/chain.ts';
import { findBreaks, type Break, type KnownHead, type StoredRow } from '../../domain/events/find-breaks.ts';
import { load } from '../blobs/load.ts';
import type { Tables } from '../tables.ts';
import type { ReadParts } from './read.ts';

export interface Audited {
  readonly log_id: string;
  readonly events: number;
  readonly breaks: readonly Break[];
}
export interface Audit {
  /** Every log that any table of the store knows, also one without events. */
  logs(): Promise<readonly string[]>;
  /** `elsewhere`: what others know of this log, asked before. What is appended meanwhile is no break. */
  audit(log_id: string, elsewhere: readonly KnownHead[]): Promise<Audited>;
}

const PAGE = 500;

export function createAudit(parts: ReadParts): Audit {
  const { read, sha256 } = parts;
  return {
    async logs() {
      const tables = ['event', 'head', 'append_key'] as const;
      const ids = await Promise.all(
        tables.map((table) => read.selectFrom(table).select('log_id').distinct().execute()),
      );
      const shown = await read.selectFrom('session_view').select('session_id as log_id').execute();
      return [...new Set([...ids.flat(), ...shown].map(({ log_id }) => log_id))].toSorted();
    },
    async audit(log_id, elsewhere) {
      const heads = [...(await headsIn(parts, log_id)), ...elsewhere];
      const rows: StoredRow[] = [];
      const damaged: Break[] = [];
      for (let after = -Infinity; ;) {
        const page = await pageOf(parts, log_id, after);
        for (const row of page) {
          rows.push(asRow(row, parts));
          damaged.push(...(await contentBreaks(parts, row)));
        }
        if (page.length < PAGE) break;
        after = page.at(-1)?.seq ?? after;
        await setImmediate(); // whoever asks may want to stop
      }
      const last_head = (await headOf(parts, log_id))?.seq ?? null;
      const chain = findBreaks({ log_id, genesis: genesisOf(log_id, sha256), rows, heads, last_head });
      const named = new Set(chain.map(({ seq }) => seq));
      const breaks = [...chain, ...damaged.filter(({ seq }) => !named.has(seq))].toSorted((a, b) => a.seq - b.seq);
      return { log_id, events: rows.length, breaks };
    },
  };
}

type Row = Pick<Tables['event'], 'seq' | 'type' | 'turn_id' | 'body' | 'hash'>;

const pageOf = ({ read }: ReadParts, log_id: string, after: number): Promise<Row[]> =>
  read
    .selectFrom('event')
    .select(['seq', 'type', 'turn_id', 'body', 'hash'])
    .where('log_id', '=', log_id)
    .$if(Number.isFinite(after), (query) => query.where('seq', '>', after))
    .orderBy('seq')
    .limit(PAGE)
    .execute();

const headOf = ({ read }: ReadParts, log_id: string) =>
  read.selectFrom('head').select(['seq', 'hash']).where('log_id', '=', log_id).executeTakeFirst();

/** The places of the store that were written in the transaction of an append, besides its events. */
async function headsIn(parts: ReadParts, log_id: string): Promise<readonly KnownHead[]> {
  const head = await headOf(parts, log_id);
  const keys = await parts.read
    .selectFrom('append_key')
    .select(['head_seq as seq', 'head_hash as hash'])
    .where('log_id', '=', log_id)
    .execute();
  const shown = await parts.read
    .selectFrom('session_view')
    .select('session_row')
    .where('session_id', '=', log_id)
    .executeTakeFirst();
  const seq = shown && (parsed(shown.session_row) as { head_seq?: unknown } | null)?.head_seq;
  return [
    ...(head ? [{ where: 'the head', ...head }] : []),
    ...keys.map((key) => ({ where: 'an append', ...key })),
    ...(typeof seq === 'number' ? [{ where: 'the list of sessions', seq, hash: null }] : []),
  ];
}

function asRow({ seq, hash, body }: Row, { sha256 }: ReadParts): StoredRow {
  const envelope = parsed(body) as Partial<Unsealed> | null;
  const prev_hash = typeof envelope?.prev_hash === 'string' ? envelope.prev_hash : null;
  return {
    at: seq,
    n: typeof envelope?.seq === 'number' ? envelope.seq : null,
    is_sound: prev_hash !== null && hashOf(prev_hash, body, sha256) === hash,
    log_id: typeof envelope?.session_id === 'string' ? envelope.session_id : null,
    prev_hash,
    hash,
  };
}

/** Columns beside the hashed text, and content under its digest. Deleted content is no break: its digest stands in the chain. */
async function contentBreaks(parts: ReadParts, { seq, type, turn_id, body }: Row): Promise<readonly Break[]> {
  const envelope = parsed(body) as Unsealed | null;
  if (typeof envelope?.data !== 'object' || envelope.data === null) return []; // the chain names it
  const problems: string[] = [];
  if (envelope.type !== type || envelope.turn_id !== turn_id) problems.push('its columns differ from what was hashed');
  await load(parts, everyRefIn(envelope.data), (digest) =>
    problems.push(`its content ${digest} is not what its digest says`),
  );
  return problems.map((problem) => ({ kind: 'changed', seq, problem }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // told by whoever reads it
  }
}
