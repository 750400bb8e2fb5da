/** Brings a folder into an archive, and again what changed in it since. */
import { lstatSync, readdirSync, type BigIntStats } from 'node:fs';
import type { ArchiveWriter } from '../archive/writer.ts';

export interface FolderCopy {
  /** Copies what it has not, or not like this. Called a second time it looks at everything and copies what is another one now. */
  again(): void;
}

export interface CopyParts {
  readonly archive: ArchiveWriter;
  /** Of the folder on the disk, and below the data folder. */
  readonly host: string;
  readonly path: string;
  /** Names of the first level that are left alone. */
  readonly without?: readonly string[];
  /** Hears of what could not be read, with the disk's reason. */
  readonly unread: (path: string, why: string) => void;
}

/** What lies deeper could not be written below another data folder: a system ends a path at 4,096 bytes. */
const PATH_BYTES = 3_000;

/** A change this young may still go on under the same time stamp. */
const RACY_NS = 2_000_000_000n;

export function copyFolder({ archive, host, path, without = [], unread }: CopyParts): FolderCopy {
  const had = new Map<string, string>();

  function visit(own: Buffer, name: string, seen: Set<string>): void {
    const stat = lstatSync(own, { bigint: true, throwIfNoEntry: false });
    if (!stat) return;
    seen.add(name);
    const stamp = stampOf(stat);
    if (had.get(name) !== stamp) {
      const is_settled = BigInt(Date.now()) * 1_000_000n - stat.ctimeNs > RACY_NS;
      if (!archive.add(name, own, stat)) return;
      had.set(name, is_settled ? stamp : 'look again');
    }
    if (!stat.isDirectory()) return;
    for (const child of readdirSync(own, { encoding: 'buffer' })) {
      const inner = `${name}/${child.toString('latin1')}`;
      if (name === path && without.includes(child.toString('latin1'))) continue;
      if (inner.length > PATH_BYTES) {
        unread(inner, 'ENAMETOOLONG');
        continue;
      }
      try {
        visit(Buffer.concat([own, SLASH, child]), inner, seen);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ELOOP') continue; // it went while we looked
        if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENAMETOOLONG') throw error;
        seen.add(inner);
        unread(inner, code);
      }
    }
  }

  return {
    again() {
      const seen = new Set<string>();
      visit(Buffer.from(host), path, seen);
      for (const name of had.keys()) {
        if (seen.has(name)) continue;
        archive.forget(name);
        had.delete(name);
      }
    },
  };
}

const SLASH = Buffer.from('/');

/** Any write, rename or change of mode gives another one. A folder's says nothing of what is in it. */
const stampOf = (stat: BigIntStats): string =>
  stat.isDirectory()
    ? `folder ${stat.mode} ${stat.uid}`
    : `${stat.ctimeNs} ${stat.size} ${stat.ino} ${stat.mode} ${stat.uid}`;
