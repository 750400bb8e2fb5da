/** Holds one launched sandbox to its limits, by what this machine has. */
import type { LaunchRequest, LimitHit, SandboxProcess } from '../contract.ts';
import { bytesBefore } from './disk.ts';
import { makeCgroup, type Cgroup } from './cgroup.ts';
import { watch } from './watch.ts';

export interface Hold {
  /** In front of the launch. */
  readonly words: readonly string[];
  /** Called once the command runs. */
  begin(running: SandboxProcess): void;
  /** Called when nothing of it is left. */
  end(): Promise<void>;
}

/** Prepared before the launch: what the folders hold then is none of the session's. */
export async function prepareHold(
  request: LaunchRequest,
  limits: { readonly memory_bytes: number; readonly processes: number; readonly disk_bytes: number },
  cgroup: Cgroup | undefined,
): Promise<Hold> {
  const { folders, home } = request;
  const disk =
    home === 'scratch' ? undefined : { folders, before: await bytesBefore(folders), limit: limits.disk_bytes };
  const group = cgroup && makeCgroup(cgroup, limits);
  return {
    words: group?.words ?? [],
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
