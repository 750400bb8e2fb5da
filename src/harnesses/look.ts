/** Looks at a session's files from outside, as its commands see them. The files are an agent's: no symlink is followed on the host. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { posix } from 'node:path';
import type { SeenPaths, SessionFolders } from '../sandbox/contract.ts';

const LINKS_MAX = 40;
/** So much is read for one script. What is beyond is named by what no rewriting leaves as it was: its inode and the time of its last change. */
const HASHED_BYTES_MAX = 20_000_000;
const HASHED_FILES_MAX = 50;
/** Folders that a script may change into, and words of it that are looked for there. */
const FOLDERS_MAX = 8;
const LOOKED_FOR_MAX = 500;

export function lookInto(folders: SessionFolders, seen: Pick<SeenPaths, 'home' | 'work' | 'out'>) {
  const places = [
    [seen.work, folders.work],
    [seen.out, folders.out],
    [seen.home, folders.home],
  ] as const;
  /** Where a path of the sandbox lies on the host; null: nowhere that is the session's own. */
  const onHost = (path: string): string | null => {
    const place = places.find(([inside]) => path === inside || path.startsWith(`${inside}/`));
    return place ? place[1] + path.slice(place[0].length) : null;
  };

  function resolve(path: string, from: string = seen.work): string {
    const todo = posix.resolve(from, path).split('/').filter(Boolean);
    let done = '';
    for (let links = 0; todo.length > 0;) {
      const next = `${done}/${todo.shift() ?? ''}`;
      const target = linkAt(onHost(next));
      if (target === null) done = next;
      else {
        if (++links > LINKS_MAX) return '/dev/null/too-many-links'; // in no allowed place: it is asked
        todo.splice(
          0,
          todo.length,
          ...posix
            .resolve(done || '/', target, ...todo)
            .split('/')
            .filter(Boolean),
        );
        done = '';
      }
    }
    return done || '/';
  }

  return {
    resolve,
    exists: (path: string): boolean => statOf(onHost(path)) !== undefined,
    /** Also below the folders that it names: `cd tools && ./deploy.sh`. */
    named(script: string, from: string = seen.work) {
      const all = script.split(/[\s'"`;|&()<>=]+/).filter((word) => word !== '' && !word.startsWith('-'));
      const words = [...new Set(all)];
      const folders = [from];
      const paths = new Set<string>();
      for (const word of words) {
        const bases = words.length > LOOKED_FOR_MAX ? [from] : [...folders];
        for (const path of bases.map((base) => resolve(word, base))) {
          if (onHost(path) === null) continue;
          paths.add(path);
          if (folders.length < FOLDERS_MAX && !folders.includes(path) && isFolder(onHost(path))) folders.push(path);
        }
      }
      const read = { bytes: 0, files: 0 };
      return [...paths].toSorted().flatMap((path) => {
        const blob = blobHash(onHost(path) ?? '', read);
        return blob === null ? [] : [{ path, blob }];
      });
    },
  };
}

function linkAt(host: string | null): string | null {
  if (host === null) return null;
  try {
    return readlinkSync(host);
  } catch {
    return null; // no link, or nothing there: taken by its name
  }
}

const isFolder = (host: string | null): boolean => statOf(host)?.isDirectory() ?? false;

function statOf(host: string | null): Stats | undefined {
  try {
    return host === null ? undefined : lstatSync(host);
  } catch {
    return undefined; // nothing there, or no name of a file: a word of a script may be anything
  }
}

/** git's hash of a regular file; null for what is none. */
function blobHash(host: string, read: { bytes: number; files: number }): string | null {
  let fd: number;
  try {
    fd = openSync(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null; // not there, a symlink, or closed to us
  }
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile()) return null;
    if (read.files >= HASHED_FILES_MAX || read.bytes + Number(stat.size) > HASHED_BYTES_MAX)
      return `inode-${stat.ino}-${stat.size}-${stat.ctimeNs}`;
    const bytes = readFileSync(fd);
    read.files += 1;
    read.bytes += bytes.length;
    return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  } finally {
    closeSync(fd);
  }
}
