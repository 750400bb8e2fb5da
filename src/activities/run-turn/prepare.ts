/** Everything an attempt runs with, put together from its brief and its history. Nothing is started yet. */
import type { AgentConfig } from '../../domain/spec/agent.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import { SYSTEM_ACTOR } from '../../domain/system-actor.ts';
import type { Lease } from '../../domain/ports/leases.ts';
import type { TurnInput } from '../../domain/turn.ts';
import type { Gate, HarnessSession, ResumeState } from '../../harnesses/contract.ts';
import type { LiveTurn } from '../live-turns.ts';
import type { ActivityPorts, Append } from '../ports.ts';
import { readBrief } from './brief.ts';
import { createBoundary } from './boundary.ts';
import { createGate } from './gate.ts';
import { createPurse } from './grants.ts';
import type { TurnHistory } from './history.ts';
import { resumeNote } from './note.ts';
import { createPolicyInForce } from './policy-in-force.ts';
import { createQuestions } from './questions.ts';
import { createRevocations } from './revocations.ts';
import { startHarness } from './start-harness.ts';
import type { TurnControl } from './turn-control.ts';

export interface AttemptRequest {
  readonly input: TurnInput;
  readonly lease: Lease;
  /** Of Temporal's own count. */
  readonly tries: number;
  readonly history: TurnHistory;
  readonly control: TurnControl;
  readonly append: Append;
}

export interface Prepared {
  readonly agent: AgentConfig;
  readonly control: TurnControl;
  readonly append: Append;
  readonly gate: Gate;
  readonly live: LiveTurn;
  /** What became of the calls of a former attempt; null in a first one. */
  readonly note: string | null;
  /** The native session has heard the message already. */
  readonly begun: boolean;
  start(): Promise<HarnessSession>;
  saveResume(state: ResumeState): Promise<void>;
  openQuestions(): readonly string[];
  /** Ends the attempt when the turn has worked for as long as its agent allows; undefined without a limit. */
  startClock(): NodeJS.Timeout | undefined;
  /** Closes the way out and saves the work. */
  finish(): Promise<void>;
}

const warned = (turn_id: string, unread: readonly string[]): readonly NewEvent[] =>
  unread.map((text) => ({
    type: 'harness.warned',
    turn_id,
    actor: SYSTEM_ACTOR,
    via: null,
    data: { code: 'grant_unread', text: `A grant counts for nothing. ${text}` },
  }));

/** A result is in the log once the archive has it: for so long it may be on its way (ms). */
const RESULT_LAG_MS = 1_000;

export async function prepareAttempt(ports: ActivityPorts, request: AttemptRequest): Promise<Prepared> {
  const { input, lease, history, control } = request;
  const { session_id, turn_id } = input;
  const brief = await readBrief(ports, input);
  const { agent, words, unread } = brief;
  if (unread.length > 0) await request.append(`grants/${turn_id}/${lease.epoch}`, warned(turn_id, unread));
  const questions = createQuestions({ ports, ...request });
  const policy = createPolicyInForce({ ...ports, session_id, agent });
  const { judge } = policy;
  const boundary = createBoundary();
  const append: Append = async (key, events) => {
    await request.append(key, events);
    boundary.follow(events);
  };
  let move_at = ports.now() + ports.move_after_s * 1_000;
  const gate = createGate({
    turn_id,
    epoch: lease.epoch,
    append,
    control,
    judge,
    grants: createPurse(brief.grants, {
      used: history.used_grants,
      revocations: createRevocations({ ...ports, session_id }),
    }),
    questions,
    mustMove: async () => ports.now() > move_at && boundary.within(RESULT_LAG_MS),
    now: ports.now,
  });
  let session: HarnessSession | undefined;
  let finish = async () => {};

  return {
    agent,
    control,
    append,
    gate,
    live: {
      session_id,
      turn_id,
      epoch: lease.epoch,
      answer: control.deliver,
      stop: () => control.end({ kind: 'stop' }),
      move: () => void (move_at = Number.NEGATIVE_INFINITY),
      steer: async (content) => (await session?.steer?.(content)) ?? false,
      judge: (action) => judge(action, []),
      async lookAtPolicy() {
        try {
          await policy.look();
        } catch (error) {
          control.end({ kind: 'broken', error }); // it would go on by rules that may no longer hold
          throw error;
        }
      },
      append,
    },
    note: resumeNote({ history, answers: input.answers, words }),
    begun: history.begun,
    saveResume: (state) => ports.archive.saveResume(session_id, lease.epoch, state),
    openQuestions: questions.open,
    startClock() {
      const minutes = agent.limits?.turn_minutes;
      if (minutes === undefined) return undefined;
      const left_ms = Math.max(0, minutes * 60_000 - history.worked_ms);
      return setTimeout(() => control.end({ kind: 'overdue', minutes }), left_ms);
    },
    finish: () => finish(),
    async start() {
      const started = await startHarness(ports, { input, lease, brief, append });
      ({ session, finish } = started);
      return started.session;
    },
  };
}
