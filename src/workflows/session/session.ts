/** One session, for weeks: messages come in as commands, the machine decides, its events go to the log, attempts run the turns. */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { DEFAULTS } from '../../domain/defaults.ts';
import { isRefusal, refuse, type Refusal } from '../../domain/errors.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import type { Command, CommandType, Payloads } from '../../domain/session/command.ts';
import { malformed } from '../../domain/session/check.ts';
import { decide } from '../../domain/session/decide.ts';
import type { SessionEvent } from '../../domain/session/event.ts';
import { evolve } from '../../domain/session/evolve.ts';
import { created, initial } from '../../domain/session/initial.ts';
import { askedOf, decisionOf } from './answers.ts';
import { runAttempt } from './attempt.ts';
import { startClock } from './clock.ts';
import { bySignal, decisionBySignal, isDecision, notADecision, OPERATOR } from './by-signal.ts';
import { createEffects, type Live } from './effects.ts';
import type { SessionInput } from './input.ts';
import * as messages from './messages.ts';
import { createNotes } from './notes.ts';
import { openOutbox } from './outbox.ts';
import { createMirror } from './search.ts';

export async function session(input: SessionInput): Promise<void> {
  const { session_id, carried, roll_after_events = DEFAULTS.roll_after_events } = input;
  const first = created(input);
  let state = carried?.state ?? initial(first.data);
  let rolling = false;
  const live: Live = { lease: undefined, cancel: undefined };
  const outbox = openOutbox(session_id, carried?.log);
  const mirror = createMirror();
  const notes = createNotes(carried?.noted ?? []);
  const effects = createEffects({
    session_id,
    outbox,
    live,
    state: () => state,
    missed: (message) => apply({ type: 'steer_missed', at: now(), message }),
  });
  if (!carried) outbox.push([first]);

  const now = () => new Date().toISOString();
  const isQuiet = () => allHandlersFinished() && effects.isIdle() && outbox.isEmpty();
  const rollIsDue = () => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength > roll_after_events;

  function apply(command: Command): void {
    const result = decide(state, command);
    if (isRefusal(result)) throw failure(result);
    emit(result);
  }
  function emit(events: readonly SessionEvent[]): void {
    state = events.reduce<typeof state>(evolve, state);
    outbox.push(events);
    events.forEach(effects.follow);
    mirror.show(state);
  }
  function on<T extends CommandType, R>(
    update: UpdateDefinition<R, [Payloads[T]]>,
    type: T,
    answer: (payload: Payloads[T], before: typeof state) => R | Promise<R>,
  ): void {
    const command = (payload: Payloads[T]) => ({ ...payload, type, at: now() }) as unknown as Command;
    const handle = (payload: Payloads[T]) => {
      const before = state;
      apply(command(payload));
      return answer(payload, before);
    };
    setHandler(update, handle, { validator: (payload) => check(() => decide(state, command(payload))) });
  }
  /** A refusal here costs no history. */
  function check(look: () => readonly NewEvent[] | Refusal): void {
    const result = rolling ? refuse('session_rolling', 'The session is changing runs. Send it again.') : look();
    if (isRefusal(result)) throw failure(result);
  }
  /** A Signal cannot be refused: what the machine refuses is logged and dropped. */
  function tell(command: Command & Pick<NewEvent, 'actor' | 'via'>): void {
    const result = decide(state, command);
    const { actor, via } = isRefusal(malformed('interrupt', command)) ? OPERATOR : command; // whoever it says it is
    const turn_id = state.turn?.turn_id ?? null;
    emit(
      isRefusal(result)
        ? [
            {
              type: 'error.raised',
              turn_id,
              actor,
              via,
              data: { code: result.refused, message: result.message, retryable: false },
            },
          ]
        : result,
    );
  }

  // setHandler delivers buffered messages on the spot: everything a handler touches stands above this line.
  const turnOf = (client_id: string) => ({ turn_id: state.client_ids.find(([id]) => id === client_id)?.[1] ?? '' });
  on(messages.prompt, 'prompt', ({ client_id }) => turnOf(client_id));
  on(messages.steer, 'steer', ({ client_id }) => turnOf(client_id));
  on(messages.requestApproval, 'request_approval', async ({ approval_id }) => {
    const asked = askedOf(state, approval_id);
    if (asked.status === 'decided') await outbox.flushed(); // no decision takes effect before it is in the log
    return asked;
  });
  on(messages.decideApproval, 'decide_approval', ({ approval_id }) => decisionOf(state, approval_id));
  on(messages.askAgain, 'ask_again', ({ new_approval_id }) => ({ approval_id: new_approval_id }));
  on(messages.revokeGrant, 'revoke_grant', () => outbox.flushed()); // the gate reads the log
  on(messages.interrupt, 'interrupt', (_, before) => ({
    stopped: before.phase === 'open' && before.turn !== undefined,
  }));
  on(messages.close, 'close', () => undefined);
  on(messages.setPolicy, 'set_policy', () => condition(effects.isPolicyTold));
  on(messages.setAgent, 'set_agent', () => undefined);
  setHandler(messages.noteWork, (note) => outbox.push(notes.take(note)), {
    validator: (note) =>
      check(
        () =>
          malformed('note_work', note) ??
          (state.phase === 'closed' ? refuse('session_closed', 'This session has ended.') : []),
      ),
  });
  setHandler(messages.decideSignal, async (payload) =>
    isDecision(payload) ? tell(await decisionBySignal(payload, now)) : emit([notADecision(payload)]),
  );
  setHandler(messages.revokeSignal, (payload) =>
    tell({ type: 'revoke_grant', at: now(), grant_id: payload?.grant_id, ...OPERATOR }),
  );
  setHandler(messages.promptSignal, (payload) => tell({ ...bySignal(payload), type: 'prompt', at: now() }));
  setHandler(messages.closeSignal, (payload) => tell({ ...bySignal(payload), type: 'close', at: now() }));
  setHandler(messages.stateQuery, () => state);
  mirror.show(state);
  startClock(
    () => state,
    now,
    (due_at) => apply({ type: 'tick', at: now(), due_at }),
  );

  while (state.phase === 'open' || state.turn) {
    if (rollIsDue()) await roll();
    else if (!state.turn) await condition(() => state.turn !== undefined || state.phase === 'closed' || rollIsDue());
    else if (isParked()) await condition(() => !isParked() || rollIsDue());
    else await attempt();
  }
  await condition(isQuiet);

  function isParked(): boolean {
    return state.turn?.phase === 'suspended' || state.turn?.phase === 'expired';
  }
  async function attempt(): Promise<void> {
    await outbox.flushed(); // no decision takes effect before it is in the log
    const outcome = state.turn?.stopping
      ? { kind: 'cancelled' as const }
      : await runAttempt({
          session_id,
          state: () => state,
          live,
          placed: ({ host }) => apply({ type: 'attempt_started', at: now(), host }),
        });
    apply({ type: 'attempt_ended', at: now(), outcome });
  }
  /** Only between two attempts: no activity survives it. Messages are refused at the last moment. */
  async function roll(): Promise<never> {
    await condition(isQuiet);
    rolling = true;
    await condition(isQuiet);
    return continueAsNew<typeof session>({ ...input, carried: { state, log: outbox.position(), noted: notes.keys() } });
  }
}

const failure = ({ refused, message, details }: Refusal) =>
  ApplicationFailure.nonRetryable(message, refused, ...(details ? [details] : []));
