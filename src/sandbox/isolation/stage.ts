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
  const sources = staged.flatMap(({ type, host, staged: place }) => [type, host, place]);
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    '--',
    '/bin/sh',
    '-c',
    FILL,
    'stage',
    STAGE,
    ...sources,
    '--',
  ];
}

const FILL = `
set -e
unset PWD
mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tackroom-stage "$1"
shift
while [ "$1" != -- ]; do
  if [ "$1" = folder ]; then mkdir "$3"; else : >"$3"; fi
  mount --no-canonicalize --bind "$2" "$3"
  shift 3
done
shift
exec "$@"
`;
