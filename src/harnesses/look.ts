/** Looks at a session's files from outside, as its commands see them. The files are an agent's: no symlink is followed on the host. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import type { SeenPaths, SessionFolders } from '../sandbox/contract.ts';

const LINKS_MAX = 40;
/** A larger file is named by its size and time instead of its content. */
const HASHED_BYTES_MAX = 20_000_000;
const NAMED_MAX = 50;

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
    exists: (path: string): boolean => {
      const host = onHost(path);
      return host !== null && lstatSync(host, { throwIfNoEntry: false }) !== undefined;
    },
    named(script: string, from: string = seen.work) {
      const words = new Set(script.split(/[\s'"`;|&()<>=]+/).filter((word) => word !== '' && !word.startsWith('-')));
      const paths = new Set(
        [...words].map((word) => resolve(word, from)).filter((path) => path.startsWith(`${seen.work}/`)),
      );
      return [...paths]
        .toSorted()
        .slice(0, NAMED_MAX)
        .flatMap((path) => {
          const blob = blobHash(onHost(path) ?? '');
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

/** git's hash of a regular file; null for what is none. */
function blobHash(host: string): string | null {
  let fd: number;
  try {
    fd = openSync(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null; // not there, a symlink, or closed to us
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return null;
    if (stat.size > HASHED_BYTES_MAX) return `size-${stat.size}-${stat.mtimeMs}`;
    const bytes = readFileSync(fd);
    return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  } finally {
    closeSync(fd);
  }
}
