/** What any host can do: write the machine's events, give out slots, keep grants. */
import { ApplicationFailure } from '@temporalio/common';
import type { PoolActivities } from './contract.ts';
import type { ActivityPorts } from './ports.ts';

export function poolActivities(
  ports: Pick<ActivityPorts, 'log' | 'blobs' | 'hosts' | 'records' | 'screens'>,
): PoolActivities {
  const { log, blobs, hosts, records, screens } = ports;
  return {
    async appendEvents({ session_id, key, events }) {
      const { head_seq, head_hash } = await log.append(session_id, null, key, events);
      screens.wake(session_id, head_seq);
      return { head: { seq: head_seq, hash: head_hash } };
    },
    async acquireHost({ session_id, prefer, exclude }) {
      const row = await hosts.reserve({ session_id, exclude, ...(prefer !== undefined && { prefer }) });
      if (!row)
        throw ApplicationFailure.create({
          type: 'no_capacity',
          message: 'No host has a free slot.',
          nextRetryDelay: '3s',
        });
      return { host: row.host, queue: row.queue };
    },
    releaseHost: ({ session_id }) => hosts.free(session_id),
    async notifyApproval({ session_id }) {
      const { seq } = await log.head(session_id);
      screens.wake(session_id, seq);
    },
    async writeGrant({ session_id, grant }) {
      const record = await records.session(session_id);
      if (record?.project_id) await records.writeGrant(record.project_id, grant); // without a project there is nothing that outlives the session
    },
    async revokeGrant({ grant_id }) {
      await records.revokeGrant(grant_id);
    },
    keepText: ({ text }) => blobs.put(text),
  };
}
