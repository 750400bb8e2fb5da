/** Holds one launched sandbox to its limits, by what this machine has. */
import type { LaunchRequest, LimitHit, SandboxProcess } from '../contract.ts';
import { bytesBefore } from './disk.ts';
import { makeCgroup, type Cgroup } from './cgroup.ts';
import { watch, type Watched } from './watch.ts';

export interface Hold {
  /** In front of the launch. */
  readonly words: readonly string[];
  /** What the folders hold is known: from now on it is the session's. Nothing of the command may run before. */
  readonly ready: Promise<unknown>;
  /** Called once the command runs. */
  begin(running: SandboxProcess): void;
  /** Called when nothing of it is left. */
  end(): Promise<void>;
}

/** Prepared before the command runs: what the folders hold then is none of the session's. */
export function prepareHold(
  request: LaunchRequest,
  limits: { readonly memory_bytes: number; readonly processes: number; readonly disk_bytes: number },
  cgroup: Cgroup | undefined,
): Hold {
  const { folders, home } = request;
  let disk: Watched['disk'];
  const measured = async () => {
    if (home !== 'scratch') disk = { folders, before: await bytesBefore(folders), limit: limits.disk_bytes };
  };
  const group = cgroup && makeCgroup(cgroup, limits);
  return {
    words: group?.words ?? [],
    ready: measured(),
    begin(running) {
      let isOver = false;
      const stopWatching = watch({
        pid: () => (isOver ? undefined : running.pid),
        memory_bytes: limits.memory_bytes,
        ...(disk && { disk }),
        ...(group && { oomKills: group.oomKills }),
        told: (hit: LimitHit) => request.onLimit?.(hit),
        stop: () => running.kill(),
      });
      void running.exited.then(() => {
        isOver = true;
        stopWatching();
        return group?.remove();
      });
    },
    end: async () => group?.remove(),
  };
}
