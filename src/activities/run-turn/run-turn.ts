/** One attempt of a turn on this host: lease, worktree, endpoint, harness, gate; every end of it is an outcome or a classified failure. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { isTackError, TackError, ERROR_KINDS } from '../../domain/errors.ts';
import type { Lease } from '../../domain/ports/leases.ts';
import type { Outcome, TurnInput } from '../../domain/turn.ts';
import type { HarnessSession, TurnEnd } from '../../harnesses/contract.ts';
import { failureOf } from '../failure.ts';
import type { LiveTurns } from '../live-turns.ts';
import { inFewWords } from '../failure.ts';
import type { ActivityPorts } from '../ports.ts';
import { appender } from './append.ts';
import { followCancellation } from './cancellation.ts';
import { readHistory } from './history.ts';
import { countAttempt } from './progress.ts';
import { prepareAttempt, type Prepared } from './prepare.ts';
import { play } from './play.ts';
import { createTurnControl, type Cut } from './turn-control.ts';

export function createRunTurn(ports: ActivityPorts, turns: LiveTurns) {
  const failures = new Map<string, string>(); // for the attempt that follows: a repetition runs in the same worker
  return async function runTurn(input: TurnInput): Promise<Outcome> {
    const { session_id, turn_id } = input;
    const { info } = Context.current();
    const control = createTurnControl();
    followCancellation(Context.current(), control);
    const { workflowId: workflow_id, runId: workflow_run_id } = info.workflowExecution ?? { workflowId: '', runId: '' };
    const held = info.attempt > 1 ? await ports.leases.held({ host: ports.here.host }) : [];
    const lease = await ports.leases.take({
      session_id,
      workflow_id,
      workflow_run_id,
      activity_id: info.activityId,
      ...ports.here,
    });
    const append = appender(ports, lease, control);
    const history = await readHistory(ports.log, session_id, turn_id);
    const reason = failures.get(turn_id);
    failures.delete(turn_id);
    await countAttempt({
      ...{ input, tries: info.attempt, history, append, ...lostWorker(held, session_id, ports) },
      ...(reason !== undefined && { reason }),
    }).catch(async (error: unknown) => {
      if (!isTackError(error) || error.code !== 'turn_no_progress') throw error;
      await ports.endpoints.close(session_id); // the attempts before kept it for this one, and no other follows
      await leave(ports, lease);
      throw error;
    });
    const attempt = await prepareAttempt(ports, { input, lease, tries: info.attempt, history, control, append });
    turns.enter(attempt.live);
    try {
      await attempt.live.lookAtPolicy(); // whoever sets one from now on finds this turn; what was set before is in the log
      const outcome = await run(ports, { input, attempt });
      await leave(ports, lease);
      return outcome;
    } catch (error) {
      const failure = failureOf(error);
      if (failure instanceof ApplicationFailure && !failure.nonRetryable)
        failures.set(turn_id, `${failure.type}: ${failure.message}`);
      throw failure;
    } finally {
      turns.leave(attempt.live);
    }
  };
}

/** The process that held the session before and is not this one: for whoever reads the log beside a list of processes. */
function lostWorker(held: readonly Lease[], session_id: string, { here }: ActivityPorts): { lost_worker_pid?: number } {
  const former = held.find((lease) => lease.session_id === session_id);
  return former && former.holder !== here.holder ? { lost_worker_pid: Number.parseInt(former.holder, 10) } : {};
}

async function run(
  ports: ActivityPorts,
  { input, attempt }: { readonly input: TurnInput; readonly attempt: Prepared },
): Promise<Outcome> {
  const { control } = attempt;
  let session: HarnessSession | undefined;
  let overdue: NodeJS.Timeout | undefined;
  try {
    session = control.isCut() ? undefined : await attempt.start();
    if (!session) return await afterCut(await control.cut, attempt);
    const running = play(ports, { input, attempt, session });
    overdue = attempt.startClock();
    const how = await Promise.race([running.then((end) => ({ kind: 'end' as const, end })), control.cut]);
    if (how.kind !== 'end') return await cutShort({ how, attempt, session, running });
    control.close();
    await session.close();
    return await ended(how.end, attempt);
  } catch (error) {
    await session?.close(); // whatever went wrong, no process stays behind
    throw error;
  } finally {
    clearTimeout(overdue);
  }
}

/** The harness is ended first, then its last words are written, then the work is saved. */
async function cutShort({
  how,
  attempt,
  session,
  running,
}: {
  readonly how: Cut;
  readonly attempt: Prepared;
  readonly session: HarnessSession;
  readonly running: Promise<TurnEnd>;
}): Promise<Outcome> {
  if (how.kind === 'suspend' || how.kind === 'move') await attempt.saveResume(await session.suspend());
  if (how.kind === 'stop' || how.kind === 'overdue') await session.interrupt();
  await session.close();
  if (how.kind === 'gone' || how.kind === 'broken') running.catch(() => undefined); // its failure is the cut
  else await running;
  return afterCut(how, attempt);
}

async function afterCut(how: Cut, attempt: Prepared): Promise<Outcome> {
  switch (how.kind) {
    case 'suspend':
      await attempt.finish();
      return { kind: 'suspended', approval_ids: attempt.openQuestions() };
    case 'move':
      await attempt.finish();
      return { kind: 'moved' };
    case 'stop':
      await attempt.finish();
      return { kind: 'cancelled' };
    case 'overdue': {
      await attempt.finish();
      const message = `It ran for ${how.minutes} minutes, the limit of its agent.`;
      return { kind: 'failed', code: 'turn_too_long', message };
    }
    case 'gone':
      throw new TackError('host_lost', 'A newer attempt goes on with this turn.');
    case 'broken':
      throw how.error;
  }
}

async function ended(end: TurnEnd, attempt: Prepared): Promise<Outcome> {
  await attempt.finish();
  switch (end.end) {
    case 'completed':
      return { kind: 'completed', stop_reason: end.stop_reason };
    case 'interrupted':
      return { kind: 'cancelled' };
    case 'failed': {
      if (ERROR_KINDS[end.code].retryable) throw new TackError(end.code, end.message);
      return { kind: 'failed', code: end.code, message: inFewWords(end.message) };
    }
  }
}

/** A failed attempt keeps both: its repetition runs here. */
async function leave({ leases, hosts }: ActivityPorts, { session_id, epoch }: Lease): Promise<void> {
  await leases.release(session_id, epoch);
  await hosts.free(session_id);
}
