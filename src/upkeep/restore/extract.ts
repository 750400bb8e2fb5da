/** Writes the entries that count. Nothing is written through a symlink, over a file, or outside of the data folder. */
import {
  closeSync,
  chmodSync,
  fchmodSync,
  lchownSync,
  mkdirSync,
  openSync,
  symlinkSync,
  fchownSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { TackError } from '../../domain/errors.ts';
import { SANDBOX_UID } from '../../sandbox/index.ts';
import type { Manifest } from '../archive/manifest.ts';
import { readArchive, type ReadEntry } from '../archive/reader.ts';

export interface Target {
  readonly manifest: Manifest;
  readonly data_folder: string;
  /** Which of them; none: all. */
  readonly wanted?: (path: string) => boolean;
}

/** The archive was verified before. */
export function extract(file: string, { manifest, data_folder, wanted }: Target): void {
  const made = new Set(['']);
  const modes: (readonly [path: Buffer, mode: number])[] = [];
  const own = process.getuid?.() ?? 0;
  const ownerOf = owners(manifest, own);
  let n = 0;
  const below = (path: string): Buffer => Buffer.concat([Buffer.from(`${data_folder}/`), Buffer.from(path, 'latin1')]);
  function folder(path: string, mode: number, uid: number | null): void {
    mkdirSync(below(path), { mode: 0o700 });
    if (uid !== null) lchownSync(below(path), uid, uid);
    modes.push([below(path), mode]);
    made.add(path);
  }
  function inMadeFolder(path: string): void {
    const names = path.split('/');
    if (path.startsWith('/') || names.some((name) => name === '' || name === '.' || name === '..')) throw strange(path);
    const parent = names.slice(0, -1).join('/');
    if (!made.has(parent) && FOLDERS.has(parent)) folder(parent, FOLDERS.get(parent) ?? 0o700, null);
    if (!made.has(parent)) throw strange(path);
  }

  for (const entry of readArchive(file)) {
    const listed = manifest.entries[n++];
    if (!listed?.kept) continue; // also the manifest itself
    if (wanted && !wanted(entry.path)) continue;
    const { path, type } = entry;
    if (type === 'folder' && made.has(path)) continue;
    inMadeFolder(path);
    const uid = own === 0 ? ownerOf(entry) : null;
    if (type === 'folder') folder(path, entry.mode, uid);
    else if (type === 'link') {
      symlinkSync(Buffer.from(entry.target, 'latin1'), below(path));
      if (uid !== null) lchownSync(below(path), uid, uid);
    } else writeContent(below(path), { entry, uid, content: contentOf(entry, manifest, data_folder) });
  }
  for (const [path, mode] of modes.toReversed()) chmodSync(path, mode);
}

/** Folders of the data folder that are no entries themselves; `tack up` looks at their modes again. */
const FOLDERS: ReadonlyMap<string, number> = new Map([
  ['engine', 0o700],
  ['blobs', 0o700],
  ['projects', 0o711],
  ['sessions', 0o711],
]);

function writeContent(
  path: Buffer,
  {
    entry,
    uid,
    content,
  }: { readonly entry: ReadEntry; readonly uid: number | null; readonly content: Iterable<Buffer> },
): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (const part of content) for (let at = 0; at < part.length;) at += writeSync(fd, part, at);
    if (uid !== null) fchownSync(fd, uid, uid);
    fchmodSync(fd, entry.mode);
  } finally {
    closeSync(fd);
  }
  utimesSync(path, entry.mtime_s, entry.mtime_s);
}

const ALTERNATES = /^sessions\/[^/]+\/work\/\.git\/objects\/info\/alternates$/;

/** Without a sandbox a session's repository names the project's objects by their path on this machine. */
function* contentOf(entry: ReadEntry, { data_folder: from }: Manifest, to: string): Generator<Buffer> {
  if (!ALTERNATES.test(entry.path) || entry.size > 4_096) return yield* entry.content();
  const text = Buffer.concat([...entry.content()]).toString('latin1');
  const [old, now] = [from, to].map((folder) => `${Buffer.from(folder).toString('latin1')}/projects/`) as [
    string,
    string,
  ];
  yield Buffer.from(text.startsWith(old) ? now + text.slice(old.length) : text, 'latin1');
}

/** For root: what sessions made belongs to whom they run as, all else to root. */
function owners({ owner_uid, sandbox_uid }: Manifest, own: number): (entry: ReadEntry) => number {
  const of_session = /^sessions\/[^/]+\/(work|home|out)(\/|$)/;
  return ({ path, uid }) => {
    if (owner_uid !== own) return of_session.test(path) ? SANDBOX_UID : own;
    return uid === sandbox_uid ? SANDBOX_UID : uid;
  };
}

const strange = (path: string): TackError =>
  new TackError(
    'backup_damaged',
    `The backup is damaged: it has an entry at a strange place: ${JSON.stringify(path)}.`,
  );
