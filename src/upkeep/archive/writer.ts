/** Writes an archive: entry after entry, each hashed with its header; the last one under a path is the one that counts. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type BigIntStats } from 'node:fs';
import type { Frames } from './frames.ts';
import { MANIFEST, SEAL, shownPath, type Manifest } from './manifest.ts';
import { BLOCK, headerOf, padding, type Entry } from './tar.ts';

type Listed = Manifest['entries'][number];

export interface ArchiveWriter {
  /** A file, folder or symlink of the disk under this path. False: it has gone, or is neither; throws what the disk says else. */
  add(path: string, host: Buffer, stat: BigIntStats): boolean;
  /** What was written under this path counts no longer. */
  forget(path: string): void;
  /** The manifest and its seal. */
  seal(about: Omit<Manifest, 'entries'>): void;
}

const CHUNK = 1 << 20;

export function writeArchive(frames: Frames): ArchiveWriter {
  const entries: { path: string; sha256: string; kept: boolean }[] = [];
  const last = new Map<string, Listed & { kept: boolean }>();
  const chunk = Buffer.allocUnsafe(CHUNK);

  const forget = (path: string): void => {
    const former = last.get(path);
    if (former) former.kept = false;
    last.delete(path);
  };
  function entry(about: Entry, fill: (write: (bytes: Uint8Array) => void) => void): void {
    const hash = createHash('sha256');
    const write = (bytes: Uint8Array): void => {
      hash.update(bytes);
      frames.write(bytes);
    };
    write(headerOf(about));
    fill(write);
    write(padding(about.size));
    forget(about.path);
    const listed = { path: shownPath(about.path), sha256: hash.digest('hex'), kept: true };
    entries.push(listed);
    last.set(about.path, listed);
  }
  const text = (path: string, content: string): void => {
    const bytes = Buffer.from(content);
    const about = {
      path,
      type: 'file',
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: bytes.length,
      mtime_s: 0,
      target: '',
    } as const;
    entry(about, (write) => write(bytes));
  };

  return {
    forget,
    add(path, host, stat) {
      const about = aboutOf(path, stat);
      if (stat.isDirectory()) entry({ ...about, type: 'folder' }, () => undefined);
      else if (stat.isSymbolicLink()) {
        const target = readlinkSync(host, { encoding: 'buffer' }).toString('latin1');
        entry({ ...about, type: 'link', target }, () => undefined);
      } else if (stat.isFile()) file(about, host);
      else return false; // sockets and pipes are of processes that have ended
      return true;
    },
    seal(about) {
      const manifest = JSON.stringify({ ...about, entries } satisfies Manifest);
      text(MANIFEST, manifest);
      text(SEAL, createHash('sha256').update(manifest).digest('hex'));
      frames.write(Buffer.alloc(2 * BLOCK));
      frames.end();
    },
  };

  /** As large as it was when it was opened: what is written meanwhile comes along with the next look, or was cut off by the moment. */
  function file(about: Omit<Entry, 'type'>, host: Buffer): void {
    const fd = openSync(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const size = Number(fstatSync(fd, { bigint: true }).size);
      entry({ ...about, type: 'file', size }, (write) => {
        for (let left = size; left > 0;) {
          const read = readSync(fd, chunk, 0, Math.min(CHUNK, left), null);
          const bytes = read === 0 ? Buffer.alloc(Math.min(CHUNK, left)) : chunk.subarray(0, read);
          write(bytes);
          left -= bytes.length;
        }
      });
    } finally {
      closeSync(fd);
    }
  }
}

const aboutOf = (path: string, stat: BigIntStats): Omit<Entry, 'type'> => ({
  path,
  mode: Number(stat.mode) & 0o777,
  uid: Number(stat.uid),
  gid: Number(stat.gid),
  size: 0,
  mtime_s: Number(stat.mtimeMs / 1000n),
  target: '',
});
