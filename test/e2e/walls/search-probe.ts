/** Runs in a session: looks for canaries wherever its user can look, and prints what it found. It knows their shape and hashes only, so it never finds what it brought itself. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/** What to look for, and where. */
export interface SearchTask {
  /** Names of the canaries, by their SHA-256. */
  readonly canaries: Readonly<Record<string, string>>;
  /** A file that has not changed since cannot hold a canary: it was made later. */
  readonly since_ms: number;
  readonly roots: readonly string[];
  /** Whose memory to read; null: everybody's. */
  readonly memory_of: readonly number[] | null;
}
export interface Found {
  readonly canary: string;
  readonly place: 'environ' | 'cmdline' | 'fd' | 'memory' | 'file';
  /** Of the process, or the file's path. */
  readonly where: number | string;
  readonly program: string;
}
export interface SearchResult {
  readonly found: readonly Found[];
  readonly looked: Readonly<
    Record<'processes' | 'closed_processes' | 'descriptors' | 'memories' | 'memory_mb' | 'names' | 'files', number>
  >;
}

const PREFIX = 'sk-ant-walls-';
const RANDOM = 32;
const PAGE = 4096;
const CHUNK = 1024 * PAGE;
/** A canary that begins at the end of one part ends in the next one. */
const OVERLAP = 2 * (PREFIX.length + RANDOM);

const task = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8')) as SearchTask;
const found = new Map<string, Found>();
const looked = {
  processes: 0,
  closed_processes: 0,
  descriptors: 0,
  memories: 0,
  memory_mb: 0,
  names: 0,
  files: 0,
};
const space = Buffer.alloc(CHUNK);

for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) lookInto(Number(pid));
for (const root of task.roots) walk(root);
console.log(`SEARCH ${JSON.stringify({ found: [...found.values()], looked } satisfies SearchResult)}`);

function lookInto(pid: number): void {
  const program = attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? '?';
  const note = (place: Found['place'], bytes: Buffer | undefined) => {
    for (const canary of bytes ? canariesIn(bytes) : []) keep({ canary, place, where: pid, program });
  };
  looked.processes += 1;
  note(
    'cmdline',
    attempt(() => readFileSync(`/proc/${pid}/cmdline`)),
  );
  const environ = attempt(() => readFileSync(`/proc/${pid}/environ`));
  if (!environ) looked.closed_processes += 1;
  note('environ', environ);
  for (const fd of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
    const link = `/proc/${pid}/fd/${fd}`;
    note(
      'fd',
      attempt(() => Buffer.from(readlinkSync(link))),
    );
    contentOf(link, (bytes) => note('fd', bytes));
    looked.descriptors += 1;
  }
  if (task.memory_of === null || task.memory_of.includes(pid)) memoryOf(pid, (bytes) => note('memory', bytes));
}

/** What is there of a process's memory, part by part: the kernel says which pages are. */
function memoryOf(pid: number, look: (bytes: Buffer) => void): void {
  const [memory, pages] = ['mem', 'pagemap'].map((name) => attempt(() => openSync(`/proc/${pid}/${name}`, 'r')));
  const maps = attempt(() => readFileSync(`/proc/${pid}/maps`, 'utf8'));
  if (memory === undefined || pages === undefined || !maps) return;
  looked.memories += 1;
  for (const line of maps.split('\n')) {
    const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line) ?? [];
    if (from.length > 12 || !from) continue; // the kernel's own page, the same for all
    for (const [start, end] of present(pages, parseInt(from, 16), parseInt(to, 16)))
      for (let at = start; at < end; at += CHUNK - OVERLAP) {
        const size = attempt(() => readSync(memory, space, 0, Math.min(CHUNK, end - at), at)) ?? 0;
        looked.memory_mb += size / 1e6;
        look(space.subarray(0, size));
      }
  }
  closeSync(memory);
  closeSync(pages);
}

function* present(pages: number, from: number, to: number): Generator<readonly [number, number]> {
  const entries = Buffer.alloc(8 * 65_536);
  let start = 0;
  for (let at = from; at < to;) {
    const count = Math.min(65_536, (to - at) / PAGE);
    const read = attempt(() => readSync(pages, entries, 0, count * 8, (at / PAGE) * 8)) ?? 0;
    if (read === 0) break;
    for (let n = 0; n < read / 8; n++, at += PAGE) {
      const is_there = (entries.readUInt8(n * 8 + 7) & 0b1100_0000) !== 0; // in memory, or swapped
      if (is_there && start === 0) start = at;
      if (!is_there && start !== 0) {
        yield [start, at];
        start = 0;
      }
    }
  }
  if (start !== 0) yield [start, to];
}

function walk(path: string): void {
  const stat = attempt(() => lstatSync(path));
  if (!stat) return;
  looked.names += 1;
  const note = (bytes: Buffer) => {
    for (const canary of canariesIn(bytes)) keep({ canary, place: 'file', where: path, program: '' });
  };
  note(Buffer.from(path));
  if (stat.isSymbolicLink()) note(Buffer.from(attempt(() => readlinkSync(path)) ?? ''));
  if (stat.isDirectory() && path !== '/proc' && path !== '/sys')
    for (const name of attempt(() => readdirSync(path)) ?? []) walk(path === '/' ? `/${name}` : `${path}/${name}`);
  if (!stat.isFile() || stat.ctimeMs < task.since_ms) return;
  looked.files += 1;
  contentOf(path, note);
}

/** The bytes of a file, part by part; nothing of what is none. */
function contentOf(path: string, look: (bytes: Buffer) => void): void {
  if (!attempt(() => lstatSync(path).isFile() || isFile(path))) return;
  const fd = attempt(() => openSync(path, 'r'));
  if (fd === undefined) return;
  for (let at = 0, size = 1; size > 0; at += Math.max(size - OVERLAP, 1)) {
    size = attempt(() => readSync(fd, space, 0, CHUNK, at)) ?? 0;
    look(space.subarray(0, size));
    if (size <= OVERLAP) break;
  }
  closeSync(fd);
}

/** A descriptor of another process is looked at before it is opened: a pipe would wait. */
function isFile(link: string): boolean {
  if (!readlinkSync(link).startsWith('/')) return false;
  const path = openSync(link, 0o10000000); // O_PATH: opens nothing
  try {
    return fstatSync(path).isFile();
  } finally {
    closeSync(path);
  }
}

function canariesIn(bytes: Buffer): readonly string[] {
  const names: string[] = [];
  for (const encoding of ['latin1', 'utf16le'] as const) {
    const wide = encoding === 'utf16le' ? 2 : 1;
    const prefix = Buffer.from(PREFIX, encoding);
    for (let at = bytes.indexOf(prefix); at !== -1; at = bytes.indexOf(prefix, at + prefix.length)) {
      const text = bytes.toString(encoding, at, at + (PREFIX.length + RANDOM) * wide);
      const name = task.canaries[createHash('sha256').update(text).digest('hex')];
      if (name !== undefined) names.push(name);
    }
  }
  return names;
}

function keep(one: Found): void {
  found.set(`${one.canary} ${one.place} ${one.where}`, one);
}

/** What may not be read, or is gone meanwhile, is not there. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
