import type { Mount } from './options.ts';

/**
 * The folder a root launcher binds its sources under, so that a uid without rights reaches what lies below a folder of mode
 * 0700. It stays empty on the host: each launch mounts its own inside its private mount namespace.
 */
export const STAGE = '/run/tackroom-stage';

/** One source to bind: what it is on the host, and where it lies in the stage. */
export interface Staged {
  readonly type: 'file' | 'folder';
  readonly host: string;
  readonly staged: string;
}

/** Moves the sources of mounts into the stage; a source below another one is reached through it. Pure but for `typeOf`. */
export function stageMounts(
  mounts: readonly Mount[],
  typeOf: (host: string) => Staged['type'],
): { readonly staged: readonly Staged[]; readonly mounts: readonly Mount[] } {
  const staged: Staged[] = [];
  const place = (host: string): string => {
    const above = staged.find((source) => host === source.host || host.startsWith(`${source.host}/`));
    if (above) return above.staged + host.slice(above.host.length);
    const next: Staged = { type: typeOf(host), host, staged: `${STAGE}/${staged.length}` };
    staged.push(next);
    return next.staged;
  };
  return {
    mounts: mounts.map((mount) => ('host' in mount ? { ...mount, host: place(mount.host) } : mount)),
    staged,
  };
}

/** The words that put a command into a private mount namespace in which the stage is filled. Pure. */
export function stageWords(staged: readonly Staged[]): readonly string[] {
  const placesOf = (type: Staged['type']) =>
    staged.flatMap((source) => (source.type === type ? [source.staged] : [])).join(' ');
  const table = staged.map(({ host, staged: place }) => `${escaped(host)} ${place} none bind 0 0\n`).join('');
  const sources = [STAGE, placesOf('folder'), placesOf('file'), table];
  return ['unshare', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', FILL, 'stage', ...sources];
}

/** A path as a word of a table of mounts. Source: fstab(5). */
const escaped = (path: string): string =>
  path.replace(/[ \t\n\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** One `mount` for all sources: a dozen of them, one by one, took most of a launch. */
const FILL = `
set -e
unset PWD
mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tackroom-stage "$1"
mkdir $2
for file in $3; do : >"$file"; done
printf %s "$4" >"$1/table"
mount --no-canonicalize --all --fstab "$1/table"
shift 4
exec "$@"
`;
