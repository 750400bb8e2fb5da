/** What was done to a stored log, all of it: each row is sound or not by itself, the chain says which rows belong where. Pure. */

export interface StoredRow {
  /** The place that its column names. */
  readonly at: number;
  /** The number in what was hashed; null when that cannot be read. */
  readonly n: number | null;
  /** Its hash is that of its own content. */
  readonly is_sound: boolean;
  /** The log that it was written for. */
  readonly log_id: string | null;
  readonly prev_hash: string | null;
  readonly hash: string;
}
/** What somebody else knows of the log: a place and the hash that stood there. */
export interface KnownHead {
  readonly where: string;
  readonly seq: number;
  /** Null: only the number is known. */
  readonly hash: string | null;
}
export const BREAK_KINDS = ['changed', 'rewritten', 'deleted', 'cut', 'inserted', 'swapped', 'moved', 'head'] as const;
export interface Break {
  readonly kind: (typeof BREAK_KINDS)[number];
  readonly seq: number;
  readonly problem: string;
}
export interface StoredRows {
  readonly log_id: string;
  readonly genesis: string;
  readonly rows: readonly StoredRow[];
  /** Known before the rows were read: what they name must be there. */
  readonly heads: readonly KnownHead[];
  /** Of the head table, read after the rows; null: the log has none. */
  readonly last_head: number | null;
}

/** In the order of the log; empty: it is whole. */
export function findBreaks(log: StoredRows): readonly Break[] {
  const { genuine, inserted } = sorted(log);
  const known_to = Math.max(0, ...log.heads.map(({ seq }) => seq));
  const unsound = unsoundIn(log.rows, genuine, known_to);
  const present = [...genuine.keys(), ...unsound.changed.keys()].toSorted((a, b) => a - b);
  const missing = gapsIn(present, known_to);
  const strange = [...inserted, ...unsound.inserted];
  const breaks: Break[] = [
    ...[...unsound.changed.keys()].map((seq) => broken('changed', seq, 'its content is not what was hashed')),
    ...strange.map((row) => broken('inserted', row.at, whyStrange(row, log.log_id))),
    ...missing.map((gap) => told(gap, present.at(-1) ?? 0, log.heads)),
    ...outOfPlace([...genuine.values()], strange.length + missing.length > 0),
    ...unlinked(genuine, log.genesis),
    ...behindTheHead(log, present.at(-1) ?? 0),
  ];
  const named = new Set(breaks.map(({ seq }) => seq));
  return [...breaks, ...unlikeHeads(log.heads, genuine, named)].toSorted((a, b) => a.seq - b.seq);
}

const broken = (kind: Break['kind'], seq: number, problem: string): Break => ({ kind, seq, problem });

/** Of several rows with one number the one that its neighbours know is genuine. */
function sorted({ log_id, genesis, rows, heads }: StoredRows) {
  const own = rows.filter((row) => row.is_sound && row.log_id === log_id && row.n !== null);
  const hashes = new Set([genesis, ...own.map(({ hash }) => hash)]);
  const followed = new Set([...own.map(({ prev_hash }) => prev_hash), ...heads.map(({ hash }) => hash)]);
  const worth = (row: StoredRow) =>
    (followed.has(row.hash) ? 4 : 0) + (hashes.has(row.prev_hash ?? '') ? 2 : 0) + (row.at === row.n ? 1 : 0);
  const genuine = new Map<number, StoredRow>();
  for (const row of own) {
    const other = genuine.get(row.n ?? 0);
    if (!other || worth(row) > worth(other)) genuine.set(row.n ?? 0, row);
  }
  const inserted = rows.filter((row) => row.is_sound && genuine.get(row.n ?? 0) !== row);
  return { genuine, inserted };
}

/** A row that is not sound stands for the number that nobody else has; for none: somebody put it there. */
function unsoundIn(rows: readonly StoredRow[], genuine: ReadonlyMap<number, StoredRow>, known_to: number) {
  const changed = new Map<number, StoredRow>();
  const inserted: StoredRow[] = [];
  const last = Math.max(known_to, ...genuine.keys());
  for (const row of rows) {
    if (row.is_sound) continue;
    const free = [row.at, row.n].find((n) => n !== null && n <= last && !genuine.has(n) && !changed.has(n));
    if (typeof free === 'number') changed.set(free, row);
    else inserted.push(row);
  }
  return { changed, inserted };
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

function gapsIn(present: readonly number[], known_to: number): readonly Gap[] {
  const ends = [0, ...present, ...(known_to > (present.at(-1) ?? 0) ? [known_to + 1] : [])];
  return ends.slice(1).flatMap((n, i) => {
    const before = ends[i] ?? 0;
    return n > before + 1 ? [{ from: before + 1, to: n - 1 }] : [];
  });
}

function told({ from, to }: Gap, last: number, heads: readonly KnownHead[]): Break {
  const which = from === to ? `event ${from} is missing` : `events ${from} to ${to} are missing`;
  if (to < last) return broken('deleted', from, which);
  const witnesses = heads.filter(({ seq }) => seq > last).map(({ where, seq }) => `${where} knows ${seq}`);
  return broken('cut', from, `${which} at the end: ${[...new Set(witnesses)].join(', ')}`);
}

function whyStrange({ is_sound, log_id, n }: StoredRow, own: string): string {
  if (!is_sound) return 'its content was never hashed, and no event is missing here';
  return log_id === own ? `it says that it is event ${n}, which is another one` : `it belongs to ${log_id}`;
}

/** Places that were exchanged. What an insertion or a deletion has moved along is no break of its own. */
function outOfPlace(rows: readonly StoredRow[], others_moved: boolean): readonly Break[] {
  const by_place = new Map(rows.map((row) => [row.at, row]));
  const partnerOf = ({ at, n }: StoredRow) => {
    const partner = by_place.get(n ?? 0);
    return at !== n && partner?.n === at ? partner : undefined;
  };
  const pairs = rows
    .filter((row) => partnerOf(row) && row.at < (row.n ?? 0))
    .map(({ at, n }) => broken('swapped', at, `events ${at} and ${n} stand in each other's place`));
  const alone = rows.filter((row) => !partnerOf(row)).toSorted((a, b) => a.at - b.at);
  let highest = 0;
  const moved = alone.filter(({ at, n }) => {
    const is_late = (n ?? 0) < highest;
    highest = Math.max(highest, n ?? 0);
    return is_late || (!others_moved && at !== n);
  });
  return [...pairs, ...moved.map(({ at, n }) => broken('moved', n ?? at, `it stands in the place of event ${at}`))];
}

/** An event whose hash was made to fit is known by the one after it. */
function unlinked(genuine: ReadonlyMap<number, StoredRow>, genesis: string): readonly Break[] {
  return [...genuine].flatMap(([n, { prev_hash }]) => {
    const before = n === 1 ? genesis : genuine.get(n - 1)?.hash;
    if (before === undefined || before === prev_hash) return [];
    return n === 1
      ? [broken('rewritten', 1, 'it is not the first event of this log')]
      : [broken('rewritten', n - 1, `event ${n} follows another one: it was changed, and its hash made to fit`)];
  });
}

function behindTheHead({ last_head, rows }: StoredRows, last: number): readonly Break[] {
  if (last_head === null) return rows.length === 0 ? [] : [broken('head', last, 'the log has no head')];
  return last > last_head ? [broken('inserted', last_head + 1, `the head of the log is event ${last_head}`)] : [];
}

/** One break for each who knows better: the first place where they do. */
function unlikeHeads(
  heads: readonly KnownHead[],
  genuine: ReadonlyMap<number, StoredRow>,
  named: ReadonlySet<number>,
): readonly Break[] {
  const first = new Map<string, Break>();
  for (const { where, seq, hash } of heads.toSorted((a, b) => a.seq - b.seq)) {
    const row = genuine.get(seq);
    if (!row || hash === null || row.hash === hash || named.has(seq) || first.has(where)) continue;
    first.set(where, broken('rewritten', seq, `${where} knows another event ${seq}`));
  }
  return [...first.values()];
}
