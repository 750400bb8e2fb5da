/** Builders for tests of the gate: attempts of one turn, asking the real machine, writing one log. */
import { createGate } from '../../../src/activities/run-turn/gate.ts';
import { createPurse } from '../../../src/activities/run-turn/grants.ts';
import { createRevocations } from '../../../src/activities/run-turn/revocations.ts';
import { readHistory, type TurnHistory } from '../../../src/activities/run-turn/history.ts';
import { createQuestions } from '../../../src/activities/run-turn/questions.ts';
import { resumeNote } from '../../../src/activities/run-turn/note.ts';
import { createTurnControl, type TurnControl } from '../../../src/activities/run-turn/turn-control.ts';
import type { Action } from '../../../src/domain/action/schema.ts';
import type { Grant } from '../../../src/domain/approval/schema.ts';
import { digestOf } from '../../../src/domain/canonical.ts';
import { isRefusal, TackError } from '../../../src/domain/errors.ts';
import { expand } from '../../../src/domain/events/blob-fields.ts';
import type { EventLog } from '../../../src/domain/ports/event-log.ts';
import type { NewEvent } from '../../../src/domain/events/new-event.ts';
import type { Evaluation, RuleHit } from '../../../src/domain/policy/schema.ts';
import type { Command, Payloads } from '../../../src/domain/session/command.ts';
import { decide } from '../../../src/domain/session/decide.ts';
import { evolve } from '../../../src/domain/session/evolve.ts';
import type { Gate, GateCall } from '../../../src/harnesses/contract.ts';
import { answerOf, askedOf, turnInput } from '../../../src/workflows/session/answers.ts';
import { memoryStore, sha256 } from '../../support/memory-store.ts';
import { until } from '../../support/until.ts';
import { ANNA, aSession, at, command, ended, prompt, started, tell } from '../domain/session/a-session.ts';

/** What a script comes to: an effect by the rules named. */
export type Policy = (script: string) => {
  readonly effect: Evaluation['effect'];
  readonly rules: readonly Partial<RuleHit>[];
};

export const ASKS: Policy = () => ({ effect: 'ask', rules: [{ name: 'commands' }] });
export const ALLOWS: Policy = () => ({ effect: 'allow', rules: [{ name: 'sandboxed' }] });
export const DENIES: Policy = () => ({ effect: 'deny', rules: [{ name: 'no', reason: 'Not here.' }] });

export interface Attempt {
  readonly gate: Gate;
  readonly control: TurnControl;
  readonly history: TurnHistory;
  readonly note: string | null;
  readonly openQuestions: () => readonly string[];
  /** From now on every append is refused so. */
  failAppends(error: Error): void;
  /** Runs before an append is written. */
  beforeAppend(look: (events: readonly NewEvent[]) => void): void;
  /** Too old for its activity. */
  mustMove: boolean;
}

const SESSION = 'ses_00000000000000000000000001';

/** A session whose turn `trn_1` has begun; its machine answers as the workflow would. */
export async function aTurn({ grace_s = 3600 }: { readonly grace_s?: number } = {}) {
  const store = memoryStore();
  let told = tell(aSession({ session_id: SESSION, limits: { grace_s } }), prompt(1), started());
  await store.say(SESSION, ...told.log);
  /** As the store reads it: references stand for nothing any more. */
  const log: EventLog = {
    ...store.log,
    async read(log_id, options) {
      const events = await store.log.read(log_id, options);
      return events.map((event) => ({ ...event, data: expand(event.data, ({ $blob }) => store.kept.get($blob)) }));
    },
  };
  const requests: Payloads['request_approval'][] = [];
  let policy = ASKS;
  let now = Date.parse(at(0));
  let tries = 0;
  let current: Attempt | undefined;

  async function say(said: Command): Promise<void> {
    const result = decide(told.state, said);
    if (isRefusal(result)) throw new TackError(result.refused, result.message);
    told = { state: result.reduce(evolve, told.state), log: [...told.log, ...result] };
    if (result.length > 0) await store.say(SESSION, ...result);
  }

  function judge({ kind, ...action }: Action, grants: readonly Grant[]): Evaluation {
    const digest = digestOf({ kind, ...action }, sha256);
    const { effect, rules } = policy('script' in action ? action.script : kind);
    const hits = rules.map((rule) => ({ name: 'rule', level: 'agent' as const, reason: 'Because.', ...rule }));
    const grant = grants.find((held) => held.digest === digest && hits.every(({ name }) => held.rules.includes(name)));
    const base = { rules: hits, policy_version: 'v1', digest, shadow: [] };
    return effect === 'ask' && grant ? { ...base, effect: 'allow', grant_id: grant.grant_id } : { ...base, effect };
  }

  async function attempt(): Promise<Attempt> {
    tries += 1;
    const input = turnInput(told.state);
    const history = await readHistory(log, SESSION, input.turn_id);
    const control = createTurnControl();
    const hooks = { fail: undefined as Error | undefined, before: (_events: readonly NewEvent[]) => {} };
    const questions = createQuestions({
      ports: {
        approvals: {
          async request(_session_id, approval) {
            requests.push(approval);
            await say(command('request_approval', approval));
            return askedOf(told.state, approval.approval_id);
          },
        },
        blobs: store.blobs,
        now: () => now,
        sha256,
        suggestPattern: () => null,
      },
      input,
      tries,
      history,
      control,
    });
    const grants = [...input.grants, ...input.answers.flatMap(({ grant }) => grant ?? [])];
    const words = new Map<string, string>();
    for (const answer of input.answers) words.set(answer.approval_id, await questions.wordsOf(answer));
    const made: Attempt = {
      control,
      history,
      note: resumeNote({ history, answers: input.answers, words }),
      openQuestions: questions.open,
      failAppends: (error) => void (hooks.fail = error),
      beforeAppend: (look) => void (hooks.before = look),
      mustMove: false,
      gate: createGate({
        turn_id: input.turn_id,
        epoch: tries,
        async append(key, events) {
          hooks.before(events);
          if (hooks.fail) throw hooks.fail;
          await store.log.append(SESSION, tries, key, events);
        },
        control,
        judge,
        grants: createPurse(grants, {
          used: history.used_grants,
          revocations: createRevocations({ log: store.log, records: store.records, session_id: SESSION }),
        }),
        questions,
        mustMove: async () => made.mustMove,
        now: () => 0,
      }),
    };
    current = made;
    return made;
  }

  return {
    attempt,
    requests,
    state: () => told.state,
    /** Seconds after the session's start. */
    passes: (seconds: number) => void (now = Date.parse(at(seconds))),
    setPolicy: (other: Policy) => void (policy = other),
    /** `agent.tool_result` and whatever else the harness would log. */
    observe: (...events: readonly (Pick<NewEvent, 'type'> & Partial<NewEvent>)[]) =>
      store.say(SESSION, ...events.map((event) => ({ turn_id: 'trn_1', ...event }))),
    /** The attempt ends as the workflow hears it. */
    end: (outcome: Payloads['attempt_ended']['outcome']) => say(ended(outcome)),
    place: () => say(started()),
    revoke: (grant_id: string) => say(command('revoke_grant', { grant_id, actor: ANNA, via: 'cli' })),
    /** The only question that waits. */
    pending: () =>
      until('one open question', () => Object.values(told.state.approvals).find(({ status }) => status === 'pending')),
    /** A person answers; a running attempt hears it. */
    async answer(
      approval_id: string,
      { words, ...over }: Partial<Payloads['decide_approval']> & { readonly words?: string } = {},
    ): Promise<void> {
      const approval = told.state.approvals[approval_id]!;
      const ref = words === undefined ? undefined : await store.blobs.put(words);
      await say(
        command('decide_approval', {
          approval_id,
          digest: approval.digest,
          decision: 'allow_once',
          grant_id: `grt_${approval_id.slice(4)}`,
          actor: ANNA,
          via: 'cli',
          ...(ref && (over.decision === 'answer' ? { input: ref } : { message: ref })),
          ...over,
        }),
      );
      const answer = answerOf(told.state.approvals[approval_id]!);
      if (answer) current?.control.deliver(answer);
    },
    /** Types of the log since the turn began. */
    async log(): Promise<readonly string[]> {
      const events = await store.log.read(SESSION, { after: 0, limit: 1_000 });
      const start = events.findIndex(({ type }) => type === 'session.placed');
      return events.slice(start + 1).map(({ type }) => type);
    },
    events: (...types: readonly string[]) => store.log.read(SESSION, { after: 0, limit: 1_000, types }),
  };
}
export type Turn = Awaited<ReturnType<typeof aTurn>>;

export const aCall = (n: number, over: Partial<GateCall> = {}): GateCall => ({
  action: {
    kind: 'shell.exec',
    cwd: '/home/agent/work',
    script: 'make deploy',
    argv: null,
    env: {},
    background: false,
    files: [],
  },
  tool_use_id: `call_${n}`,
  name: 'Bash',
  input: { command: 'make deploy' },
  item_id: `itm_${n}`,
  ...over,
});

export const QUESTION: Partial<GateCall> = {
  action: { kind: 'question.ask', cwd: '/home/agent/work', questions: [{ question: 'Which colour?' }] },
  name: 'AskUserQuestion',
};

/** Whether a promise is still open once everything that runs now has run. */
export async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve(open)))])) === open;
}
