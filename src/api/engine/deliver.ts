/** How a message reaches a session's workflow: tried again while the session changes runs, and its failures told in our codes. */
import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isErrorCode, isTackError, TackError } from '../../domain/errors.ts';

const TRANSIENT: readonly string[] = ['session_rolling', 'AcceptedUpdateCompletedWorkflow', 'task_failed'];
const TRIES = 12;

/** Sends, and sends again what a change of runs refused: the same id makes it one message. */
export async function retried<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await send();
    } catch (error) {
      if (tries >= TRIES || !TRANSIENT.includes(codeOf(error) ?? '')) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** tries, 1_000)));
    }
}

export function codeOf(error: unknown): string | undefined {
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
    return error.cause.type ?? undefined;
  return grpcCodeOf(error) === FAILED_PRECONDITION ? 'task_failed' : undefined; // a roll met a Signal, or the workflow's code fails
}

/** The same failure as people know it. `closed` says which refusal a missing workflow is. */
export async function told(error: unknown, closed: () => Promise<TackError>): Promise<TackError> {
  if (isTackError(error)) return error;
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) return closed();
  const code = codeOf(error);
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && isErrorCode(code)) {
    const details = error.cause.details?.[0];
    return new TackError(code, error.cause.message, { cause: error, ...(isRecord(details) && { data: details }) });
  }
  if (code === 'task_failed')
    return new TackError('session_stuck', 'Its next step fails again and again: nothing was sent.', { cause: error });
  if (code !== undefined && TRANSIENT.includes(code))
    return new TackError('session_rolling', 'The session is changing runs.', { cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || grpcCodeOf(error) !== undefined)
    return new TackError('engine_unavailable', 'The engine did not answer in time.', { cause: error });
  return new TackError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

const FAILED_PRECONDITION = 9;

/** The gRPC status of an error, also when the client has wrapped it. */
function grpcCodeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  const { cause } = error instanceof Error ? error : {};
  return cause !== undefined && isGrpcServiceError(cause) ? cause.code : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
