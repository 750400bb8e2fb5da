import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TackError } from '../../domain/errors.ts';
import { INSIDE, type SessionFolders } from '../contract.ts';
import type { Mount } from './options.ts';

/** More than these in the folders of one session is no accident. */
const MOST = 100;

/**
 * Covers each socket of the session's folders on which a program of this machine listens: a path is all that it takes to
 * connect, whatever the network. Sockets of the session itself are no business of the host: they do not show in its list.
 */
export function coverHostSockets(folders: Partial<SessionFolders>, list = bound()): readonly Mount[] {
  const entries = Object.entries(folders);
  const named = list.flatMap((path) => (path.startsWith('/') ? realOf(path) : []));
  // a name without a folder may be anywhere: then each folder is looked through
  const walked = list.some((path) => !path.startsWith('/'))
    ? entries.flatMap(([, folder]) => socketsBelow(folder))
    : [];
  const mounts = entries.flatMap(([name, folder]) =>
    [...new Set([...named, ...walked])]
      .filter((path) => path.startsWith(`${folder}/`) && isSocket(path))
      .map((path): Mount => ({ how: 'empty-file', inside: insideOf(name) + path.slice(folder.length) })),
  );
  if (mounts.length > MOST)
    throw new TackError('sandbox_failed', `${mounts.length} programs of this machine listen in the session's folders`);
  return mounts;
}

/** The paths on which somebody of this machine's network listens. Names that are no path begin with `@`. */
export function bound(text = readFileSync('/proc/net/unix', 'utf8')): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const path = /^\S+: (?:\S+ +){6}(.+)$/.exec(line)?.[1];
    return path === undefined || path.startsWith('@') ? [] : [path];
  });
}

const insideOf = (name: string): string => INSIDE[name as 'work' | 'home' | 'out'];

/** Whoever bound it may have gone through a symlink, or be gone. */
function realOf(path: string): readonly string[] {
  try {
    return [join(realpathSync(dirname(path)), basename(path))];
  } catch {
    return [];
  }
}

/** Of folders that may be read: an agent can close its own. */
function socketsBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? socketsBelow(path) : entry.isSocket() ? [path] : [];
    });
  } catch {
    return [];
  }
}

const isSocket = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
