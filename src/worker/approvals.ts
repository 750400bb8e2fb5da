/** A running turn's way to its session's workflow. */
import type { Client } from '@temporalio/client';
import type { Approvals } from '../activities/ports.ts';
import { retried, told, workflowIdOf } from '../api/engine/index.ts';
import { TackError } from '../domain/errors.ts';
import * as messages from '../workflows/session/messages.ts';

/** An engine that is away is asked again for this long: the harness waits, nothing is lost. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 250;

export function linkApprovals(client: Client): Approvals {
  return {
    async request(session_id, approval, key) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;)
        try {
          return await retried(() =>
            client.withDeadline(Date.now() + 8_000, () =>
              client.workflow
                .getHandle(workflowIdOf(session_id))
                .executeUpdate(messages.requestApproval, { args: [approval], updateId: `request_approval/${key}` }),
            ),
          );
        } catch (error) {
          const failure = await told(error, async () => new TackError('session_closed', 'The session has ended.'));
          if (failure.code !== 'engine_unavailable' || performance.now() > deadline) throw failure;
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
    },
  };
}
