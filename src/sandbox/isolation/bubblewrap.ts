import { realpathSync } from 'node:fs';
import { TackError } from '../../domain/errors.ts';
import { INSIDE, type LaunchRequest, type Sandbox, type SandboxProcess } from '../contract.ts';
import { findCgroup } from '../limits/cgroup.ts';
import { prepareHold } from '../limits/hold.ts';
import { gitMounts, plantedMounts } from '../worktree/guarded.ts';
import { endSandbox } from './ending.ts';
import { baseEnvironment } from './environment.ts';
import { coverHostSockets } from './host-sockets.ts';
import { GROUP, HOSTS, PASSWD } from './identity.ts';
import { launchProcess } from './launched.ts';
import { DEFAULT_LIMITS, ownHardLimits, ulimitWords } from './limits.ts';
import { makeMountPoints } from './mount-points.ts';
import { openUp } from './open-up.ts';
import { bubblewrapOptions, emptyFiles, folderMounts, type Mount } from './options.ts';
import { FD, faultsOf, sandboxPrelude } from './prelude.ts';
import { buildFilter } from './seccomp/filter.ts';
import type { Architecture } from './seccomp/syscalls.ts';
import { createStaging, type Reached } from './staging.ts';
import { systemPaths } from './system.ts';
import type { Toolchain } from './toolchain.ts';

/** Who launches and for whom: a `drop_to` is the uid that a root launcher gives up its rights for. */
export interface BubblewrapOptions {
  readonly architecture: Architecture;
  readonly toolchain: Toolchain;
  readonly uid: number;
  readonly drop_to: number | undefined;
  /** Folders below which the sources of sessions lie. */
  readonly roots: readonly string[];
}

/** The sandbox of Linux: own namespaces, no network, no right, a seccomp filter, and only what is bound. */
export function createBubblewrap(options: BubblewrapOptions): Sandbox {
  const filter = buildFilter(options.architecture);
  const system = systemPaths();
  const hard = ownHardLimits();
  const cgroup = findCgroup();
  const reachable = reachableBy(options);
  return {
    kind: 'bubblewrap',
    uid: options.uid,
    paths: () => INSIDE,
    launch: async (request): Promise<SandboxProcess> => {
      const limits = { ...DEFAULT_LIMITS, ...request.limits };
      const plan = await reachable(mountsOf(request, options));
      const hold = prepareHold(request, limits, cgroup);
      const layout = {
        system,
        mounts: plan.mounts,
        env: { ...baseEnvironment({ path: options.toolchain.path, seen: INSIDE }), ...request.env },
        cwd: request.cwd ?? INSIDE.work,
        tmp_bytes: limits.tmp_bytes,
      };
      const running = await launchProcess({
        words: [
          ...hold.words,
          ...plan.words,
          ...['bwrap', '--args', `${FD.args}`, '--seccomp', `${FD.filter}`, '--'],
          ...['/bin/bash', '-c', sandboxPrelude(ulimitWords(limits, hard)), 'tackroom', ...request.argv],
        ],
        env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' },
        cwd: '/',
        feeds: new Map<number, string | Uint8Array>([
          [FD.args, bubblewrapOptions(layout).join('\0') + '\0'],
          [FD.filter, filter],
          [FD.passwd, PASSWD],
          [FD.group, GROUP],
          [FD.hosts, HOSTS],
          ...Array.from({ length: emptyFiles(plan.mounts) }, (_, n) => [FD.empty + n, ''] as const),
        ]),
        ready: hold.ready,
        faults: faultsOf,
        end: async (ending) => {
          await endSandbox(ending);
          await hold.end();
        },
      });
      hold.begin(running);
      return running;
    },
  };
}

/** Every mount of a request, with each source looked at: what is not what it claims to be is refused. */
function mountsOf(request: LaunchRequest, { toolchain, uid }: BubblewrapOptions): readonly Mount[] {
  const { folders } = request;
  for (const folder of [folders.work, folders.home, folders.out]) assertReal(folder);
  openUp(folders);
  const own = request.home === 'scratch' ? { work: folders.work } : folders;
  if (request.home !== 'scratch') makeMountPoints(folders.home, { names: ['work', 'out'], uid });
  const optional = (host: string | undefined, inside: string): readonly Mount[] =>
    host === undefined ? [] : [{ how: 'ro-bind', host: realpathSync(host), inside }];
  return [
    ...toolchain.binds.map(({ host, inside }) => ({ how: 'ro-bind', host, inside }) as const),
    ...folderMounts(own),
    ...gitMounts(folders.work, uid),
    ...(request.planted === 'writable' ? [] : plantedMounts(folders.work)),
    ...coverHostSockets(own),
    ...optional(request.base_objects, INSIDE.base),
    ...optional(request.endpoint_dir, INSIDE.endpoint),
    ...request.read_only.flatMap(({ host, inside }) => optional(host, inside)),
  ];
}

/** An agent that replaced its folder by a symlink since the last turn would choose what is bound. */
function assertReal(folder: string): void {
  const real = realpathSync(folder);
  if (real !== folder) throw new TackError('sandbox_failed', `${folder} is not a real path: it leads to ${real}`);
}

/** The words in front of the launch, and the mounts by paths that the launched uid can reach. */
function reachableBy({ drop_to, roots }: BubblewrapOptions): (mounts: readonly Mount[]) => Promise<Reached> {
  if (drop_to === undefined) return async (mounts) => ({ words: [], mounts });
  const staging = createStaging({ roots, uid: drop_to });
  const drop = ['setpriv', '--reuid', `${drop_to}`, '--regid', `${drop_to}`, '--clear-groups', '--no-new-privs', '--'];
  return async (mounts) => {
    const reached = await staging.reach(mounts);
    return { ...reached, words: [...reached.words, ...drop] };
  };
}
