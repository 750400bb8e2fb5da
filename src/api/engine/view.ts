/** The engine, looked at: what is open for a session, and who takes work from which queue. */
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { EngineView, QueueState } from '../../domain/ports/oversight.ts';
import type { Pending } from '../../domain/ports/pending.ts';
import { controlQueueOf, POOL_QUEUE, WORKFLOW_QUEUE } from '../../domain/task-queues.ts';
import { workflowIdOf } from './engine.ts';
import { told } from './deliver.ts';
import { TackError } from '../../domain/errors.ts';

/** An operator waits for it. */
const WITHIN_MS = 2_000;
const NOT_FOUND = 5; // google.rpc.Code
/** temporal.api.enums.v1.TaskQueueType */
const KINDS = { workflow: 1, activity: 2 } as const;
/** temporal.api.enums.v1: PendingWorkflowTaskState and PendingActivityState */
const STARTED = 2;
/** A long poll lasts a minute. */
const POLLS_EVERY_MS = 70_000;

export function createEngineView(client: Client): EngineView {
  const { workflowService: service } = client;
  const { namespace } = client.options;
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + WITHIN_MS, call);
    } catch (error) {
      throw await told(error, async () => new TackError('session_not_found', 'The engine does not know it.'));
    }
  };

  async function lastFailure(workflowId: string): Promise<string | null> {
    const { history } = await service.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId },
      maximumPageSize: 20,
    });
    const failed = history?.events?.find(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes);
    return failed?.workflowTaskFailedEventAttributes?.failure?.message ?? null;
  }

  return {
    troubled: () =>
      ask(async () => {
        const query = 'TackKind = "session" AND ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL';
        const { executions } = await service.listWorkflowExecutions({ namespace, query, pageSize: 200 });
        return (executions ?? []).map(({ execution }) => (execution?.workflowId ?? '').replace(/^session\//, ''));
      }),
    pending: (session_id) =>
      ask(async () => {
        const workflowId = workflowIdOf(session_id);
        const described = await service
          .describeWorkflowExecution({ namespace, execution: { workflowId } })
          .catch((error: unknown) => {
            if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return null;
            throw error;
          });
        if (!described || described.workflowExecutionInfo?.closeTime) return null;
        const task = described.pendingWorkflowTask;
        return {
          step: task
            ? {
                attempt: task.attempt ?? 1,
                is_started: Number(task.state) === STARTED,
                scheduled_at: isoOf(task.scheduledTime),
                failure: (task.attempt ?? 1) > 1 ? await lastFailure(workflowId) : null,
              }
            : null,
          activities: (described.pendingActivities ?? []).map((activity) => ({
            type: activity.activityType?.name ?? '',
            attempt: activity.attempt ?? 1,
            is_started: Number(activity.state) === STARTED,
            scheduled_at: isoOf(activity.nextAttemptScheduleTime) ?? isoOf(activity.scheduledTime),
            failure: activity.lastFailure
              ? {
                  type: activity.lastFailure.applicationFailureInfo?.type ?? 'timeout',
                  message: activity.lastFailure.message ?? '',
                }
              : null,
          })),
        } satisfies Pending;
      }),
    queues: (host_queues) =>
      ask(() =>
        Promise.all([
          queue(WORKFLOW_QUEUE, 'workflow'),
          queue(POOL_QUEUE, 'activity'),
          ...host_queues.flatMap((name) => [queue(name, 'activity'), queue(controlQueueOf(name), 'activity')]),
        ]),
      ),
  };

  async function queue(name: string, kind: QueueState['kind']): Promise<QueueState> {
    const { stats, pollers } = await service.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: KINDS[kind],
      reportStats: true,
    });
    const recent = (pollers ?? []).filter(({ lastAccessTime }) => Date.now() - msOf(lastAccessTime) < POLLS_EVERY_MS);
    return {
      name,
      kind,
      backlog: Number(stats?.approximateBacklogCount ?? 0),
      oldest_s: Math.round(Number(stats?.approximateBacklogAge?.seconds ?? 0)),
      pollers: recent.length,
    };
  }
}

type Time = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;
const msOf = (time: Time): number => Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1e6;
const isoOf = (time: Time): string | null =>
  Number(time?.seconds ?? 0) > 0 ? new Date(msOf(time)).toISOString() : null;
