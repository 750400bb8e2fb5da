/** The engine on Temporal: every command of the API is an Update of the session's workflow. */
import { Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { Blobs } from '../../domain/ports/event-log.ts';
import type { Engine } from '../../domain/ports/engine.ts';
import type { Records, SessionRecord } from '../../domain/ports/records.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import { TackError } from '../../domain/errors.ts';
import { WORKFLOW_QUEUE } from '../../domain/task-queues.ts';
import type { SessionInput } from '../../workflows/session/input.ts';
import * as messages from '../../workflows/session/messages.ts';
import { retried, told } from './deliver.ts';

export interface EngineParts {
  readonly client: Client;
  readonly records: Pick<Records, 'session'>;
  readonly blobs: Pick<Blobs, 'put'>;
  /** What a recorded session's workflow is started with, but for the blob of its agent. */
  readonly describe: (record: SessionRecord) => Pick<SessionInput, 'policy_version' | 'steers' | 'limits' | 'about'>;
  /** How long a call may take (ms). */
  readonly timeout_ms?: number;
}

/** A worker that is killed amid a step of a workflow holds it up for so long. A call waits longer than that. */
const WORKFLOW_TASK_TIMEOUT = '3s';
export const workflowIdOf = (session_id: string): string => `session/${session_id}`;

/** Single use: a new one for every try. */
const startOf = (input: SessionInput) =>
  new WithStartWorkflowOperation<(input: SessionInput) => Promise<void>>('session', {
    workflowId: workflowIdOf(input.session_id),
    taskQueue: WORKFLOW_QUEUE,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE', // ended: no empty namesake
  });

export function createEngine({ client, records, blobs, describe, timeout_ms = 12_000 }: EngineParts): Engine {
  const within = <T>(send: () => Promise<T>): Promise<T> =>
    retried(() => client.withDeadline(Date.now() + timeout_ms, send));
  const handle = (session_id: string) => client.workflow.getHandle(workflowIdOf(session_id));

  /** A workflow that is not there: never begun, ended, or forgotten by the engine. The store knows which. */
  async function missing(session_id: string): Promise<TackError> {
    const record = await records.session(session_id);
    if (!record) return new TackError('session_not_found', `There is no session ${session_id}.`);
    return new TackError('session_closed', `The session ${session_id} has ended.`);
  }

  async function send<T>(session_id: string, call: () => Promise<T>): Promise<T> {
    try {
      return await within(call);
    } catch (error) {
      throw await told(error, () => missing(session_id));
    }
  }

  async function inputOf(
    record: SessionRecord,
    message: { readonly actor: SessionInput['actor']; readonly via: SessionInput['via'] },
  ): Promise<SessionInput> {
    const agent = await blobs.put(canonicalJson(record.agent));
    return { v: 1, session_id: record.session_id, agent, actor: message.actor, via: message.via, ...describe(record) };
  }

  return {
    async say(record, delivery, message) {
      const input = await inputOf(record, message);
      return send(record.session_id, () =>
        client.workflow.executeUpdateWithStart(delivery === 'steer' ? messages.steer : messages.prompt, {
          args: [message],
          updateId: `say/${message.client_id}`,
          startWorkflowOperation: startOf(input),
        }),
      );
    },
    async setPolicy(record, policy, key) {
      const input = await inputOf(record, policy);
      await send(record.session_id, () =>
        client.workflow.executeUpdateWithStart(messages.setPolicy, {
          args: [policy],
          updateId: `set_policy/${key}`,
          startWorkflowOperation: startOf(input),
        }),
      );
    },
    decideApproval: (session_id, decision, key) =>
      send(session_id, () =>
        handle(session_id).executeUpdate(messages.decideApproval, {
          args: [decision],
          updateId: `decide_approval/${decision.approval_id}/${key}`,
        }),
      ),
    askAgain: (session_id, request, key) =>
      send(session_id, () =>
        handle(session_id).executeUpdate(messages.askAgain, {
          args: [request],
          updateId: `ask_again/${request.approval_id}/${key}`,
        }),
      ),
    revokeGrant: (session_id, request, key) =>
      send(session_id, () =>
        handle(session_id).executeUpdate(messages.revokeGrant, {
          args: [request],
          updateId: `revoke_grant/${request.grant_id}/${key}`,
        }),
      ),
    async interrupt(session_id, request, key) {
      try {
        return await send(session_id, () =>
          handle(session_id).executeUpdate(messages.interrupt, { args: [request], updateId: `interrupt/${key}` }),
        );
      } catch (error) {
        if (error instanceof TackError && error.code === 'session_closed') return { stopped: false };
        throw error;
      }
    },
    async close(session_id, request, key) {
      try {
        await send(session_id, () =>
          handle(session_id).executeUpdate(messages.close, { args: [request], updateId: `close/${key}` }),
        );
      } catch (error) {
        if (!(error instanceof TackError && error.code === 'session_closed')) throw error; // closed is closed
      }
    },
    noteWork: (session_id, note, key) =>
      send(session_id, () =>
        handle(session_id).executeUpdate(messages.noteWork, { args: [{ ...note, key }], updateId: `note_work/${key}` }),
      ),
    async isReady() {
      try {
        await client.withDeadline(Date.now() + 1_000, () => client.connection.ensureConnected());
        await client.withDeadline(Date.now() + 1_000, () =>
          client.workflowService.describeNamespace({ namespace: client.options.namespace }),
        );
        return true;
      } catch {
        return false;
      }
    },
  };
}
