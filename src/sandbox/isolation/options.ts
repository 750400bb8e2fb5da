import { INSIDE } from '../contract.ts';
import { INSIDE_UID } from './identity.ts';
import { FD } from './prelude.ts';

/** A mount below home or elsewhere, in the order in which it is made. `host` is a path that the launched process can reach. */
export type Mount =
  | { readonly how: 'bind' | 'ro-bind'; readonly host: string; readonly inside: string }
  /** An empty file or an empty folder that cannot be written, over a name that must not come to life. */
  | { readonly how: 'empty-file' | 'empty-folder'; readonly inside: string }
  /** An empty writable folder that ends with the process. */
  | { readonly how: 'scratch'; readonly inside: string };

/** Everything that decides bubblewrap's options. */
export interface Layout {
  readonly system: SystemPaths;
  readonly mounts: readonly Mount[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly tmp_bytes: number;
}

/** What of the host's system shows inside: names below `/` and below `/etc` that exist on this host. */
export interface SystemPaths {
  /** `bin`, `lib64` …: where the host has a symlink its target, else null for a folder of its own. */
  readonly roots: Readonly<Record<string, string | null>>;
  readonly etc: readonly string[];
}

/** Bubblewrap's options. The order matters: a mount covers what came before it. Pure. */
export function bubblewrapOptions(layout: Layout): readonly string[] {
  return [
    ...NAMESPACES,
    ...Object.entries(layout.env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...system(layout),
    ...mounts(layout.mounts),
    ...['/dev', '/run', '/'].flatMap((place) => ['--remount-ro', place]),
    ...['--chdir', layout.cwd],
  ];
}

/** How many descriptors from `FD.empty` on the options read an empty file from. */
export const emptyFiles = (mounts: readonly Mount[]): number => mounts.filter(({ how }) => how === 'empty-file').length;

const NAMESPACES = [
  ...['--unshare-user', '--uid', String(INSIDE_UID), '--gid', String(INSIDE_UID)],
  ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
  ...['--hostname', 'sandbox', '--disable-userns', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
  '--clearenv',
] as const;

function system({ system: { roots, etc }, tmp_bytes }: Layout): readonly string[] {
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...Object.entries(roots).flatMap(([name, target]) =>
      target === null ? ['--ro-bind', `/${name}`, `/${name}`] : ['--symlink', target, `/${name}`],
    ),
    ...['--perms', '0755', '--dir', '/etc'],
    ...etc.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['--ro-bind-data', String(FD.passwd), '/etc/passwd', '--ro-bind-data', String(FD.group), '/etc/group'],
    ...['--ro-bind-data', String(FD.hosts), '/etc/hosts'],
    ...['--perms', '0755', '--size', '1048576', '--tmpfs', '/run'],
    ...['--perms', '1777', '--size', String(tmp_bytes), '--tmpfs', '/tmp'],
    ...['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--size', String(tmp_bytes), '--tmpfs', '/dev/shm'],
    ...['sys', 'irq', 'bus'].flatMap((name) => ['--ro-bind-try', `/proc/${name}`, `/proc/${name}`]),
    ...['--perms', '0755', '--dir', '/home'],
  ];
}

function mounts(list: readonly Mount[]): readonly string[] {
  let empty: number = FD.empty;
  return list.flatMap((mount) => {
    switch (mount.how) {
      case 'bind':
      case 'ro-bind':
        return [`--${mount.how}`, mount.host, mount.inside];
      case 'empty-file':
        return ['--perms', '0444', '--ro-bind-data', String(empty++), mount.inside];
      case 'empty-folder':
        return ['--perms', '0555', '--size', '4096', '--tmpfs', mount.inside, '--remount-ro', mount.inside];
      case 'scratch':
        return ['--perms', '0700', '--tmpfs', mount.inside];
    }
  });
}

/** The mounts of the session's own folders. */
export function folderMounts(folders: { work: string; home?: string; out?: string }): readonly Mount[] {
  const own = (host: string | undefined, inside: string): Mount =>
    host === undefined ? { how: 'scratch', inside } : { how: 'bind', host, inside };
  return [own(folders.home, INSIDE.home), own(folders.work, INSIDE.work), own(folders.out, INSIDE.out)];
}
