import type { Mount } from './options.ts';

/**
 * The folder a root launcher binds its sources under, so that a uid without rights reaches what lies below a folder of mode
 * 0700. It stays empty on the host: it is filled in a private mount namespace only.
 */
export const STAGE = '/run/tackroom-stage';

/** What lies at a path of the host now. `id` tells it from another one that took its name. */
export interface Source {
  readonly type: 'file' | 'folder';
  readonly id: string;
}

/** One source to bind: what it is on the host, and where it lies in the stage. */
export interface Staged extends Source {
  readonly host: string;
  readonly staged: string;
}

export interface StageOptions {
  /** What is bound already. */
  readonly bound: readonly Staged[];
  /** Folders that are bound whole, because their content comes and goes. */
  readonly roots: readonly string[];
  readonly look: (host: string) => Source;
  /** Whether the uid without rights may go through this folder. */
  readonly mayEnter: (folder: string) => boolean;
}

/**
 * Moves the sources of mounts into the stage: `missing` has what is to be bound for it. A source below another one is
 * reached through it, if every folder between lets the uid pass; one that was replaced since it was bound is bound anew.
 */
export function stageMounts(
  mounts: readonly Mount[],
  { bound, roots, look, mayEnter }: StageOptions,
): { readonly missing: readonly Staged[]; readonly mounts: readonly Mount[] } {
  const all = [...bound];
  const place = (path: string): string => {
    const isReached = (from: string) => between(from, path)?.every(mayEnter) === true;
    const above = all.findLast(({ host, id }) => isReached(host) && look(host).id === id);
    if (above) return above.staged + path.slice(above.host.length);
    const host = roots.find(isReached) ?? path;
    const next: Staged = { ...look(host), host, staged: `${STAGE}/${all.length}` };
    all.push(next);
    return next.staged + path.slice(host.length);
  };
  const moved = mounts.map((mount) => ('host' in mount ? { ...mount, host: place(mount.host) } : mount));
  return { mounts: moved, missing: all.slice(bound.length) };
}

/** The folders from one that is above a path down to it: none when it is the path itself, undefined when it is not above it. */
function between(above: string, path: string): readonly string[] | undefined {
  if (path === above) return [];
  if (!path.startsWith(`${above}/`)) return undefined;
  const names = path.slice(above.length + 1).split('/');
  return names.map((_, n) => [above, ...names.slice(0, n)].join('/'));
}

/** A line of a table of mounts. Source: fstab(5). */
export const bindLine = ({ host, staged }: Pick<Staged, 'host' | 'staged'>): string =>
  `${host.replace(/[ \t\n\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)} ${staged} none bind 0 0`;
