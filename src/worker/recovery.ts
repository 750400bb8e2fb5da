/** Attempts of workers that died on this host are failed by id, so that they go on at once and not after a heartbeat's time-out. */
import { ActivityNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Endpoints } from '../activities/ports.ts';
import type { Leases } from '../domain/ports/leases.ts';
import { lookUp } from '../sandbox/index.ts';

/** Names this process beyond its pid, which may be given out again. */
export const holderOf = (pid: number): string => `${pid}.${startOf(pid) ?? 0}`;

/** Resolves with the number of attempts that were ended. Their way to the model is closed: no other may follow. */
export async function failDeadAttempts(
  client: Client,
  { leases, endpoints }: { readonly leases: Leases; readonly endpoints: Pick<Endpoints, 'close'> },
  host: string,
): Promise<number> {
  const dead = (await leases.held({ host })).filter(({ holder }) => !isAlive(holder));
  for (const { session_id, workflow_id, workflow_run_id, activity_id } of dead)
    try {
      await endpoints.close(session_id);
      await client.activity.fail(
        { workflowId: workflow_id, runId: workflow_run_id, activityId: activity_id },
        ApplicationFailure.create({ type: 'host_lost', message: 'Its worker died.', nextRetryDelay: '1ms' }),
      );
    } catch (error) {
      if (!(error instanceof ActivityNotFoundError)) throw error; // it is over already
    }
  return dead.length;
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split('.');
  return startOf(Number(pid)) === Number(start);
}

/** Start of a process in ticks since boot; null when there is none, or when it has ended and its parent has not looked yet. */
function startOf(pid: number): number | null {
  const found = lookUp(pid);
  return !found || found.state === 'Z' ? null : Number(found.started_at);
}
