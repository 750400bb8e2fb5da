/**
 * The gate of one attempt: every call is judged before it runs, and nothing is answered before it is in the log.
 * Allow and deny are answered at once; an ask is held for the grace, then the attempt is cut and the call stays unanswered.
 */
import type { Grant } from '../../domain/approval/schema.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import type { Evaluation } from '../../domain/policy/schema.ts';
import type { Action } from '../../domain/action/schema.ts';
import type { Answer } from '../../domain/turn.ts';
import type { Gate, GateAnswer, GateCall } from '../../harnesses/contract.ts';
import type { Append } from '../ports.ts';
import { isRefusal, type Questions } from './questions.ts';
import type { GrantPurse } from './grants.ts';
import { evaluated, grantUsed, toolUse } from './gate-events.ts';
import { never } from './never.ts';
import type { TurnControl } from './turn-control.ts';

export interface GateParts {
  readonly turn_id: string;
  readonly epoch: number;
  readonly append: Append;
  readonly control: TurnControl;
  /** Judges by the policy of now, with these grants. */
  readonly judge: (action: Action, grants: readonly Grant[]) => Evaluation;
  readonly grants: GrantPurse;
  readonly questions: Questions;
  /** The turn has lasted too long for this activity. */
  readonly mustMove: () => Promise<boolean>;
  readonly now: () => number;
}

export function createGate(parts: GateParts): Gate {
  const { append, control, judge, grants, questions } = parts;
  let calls = 0;

  return (call) => decide(call, `gate/${parts.turn_id}/${parts.epoch}.${++calls}`);

  async function decide(call: GateCall, key: string): Promise<GateAnswer> {
    if (await parts.mustMove()) control.end({ kind: 'move' });
    if (control.isCut()) return never();
    await grants.forgetRevoked();
    const started = parts.now();
    const evaluation = judge(call.action, grants.available());
    const record = evaluated(parts.turn_id, call, evaluation, parts.now() - started);
    if (evaluation.effect === 'allow') return allow(call, evaluation, { key, before: [record] });
    await append(key, [record]);
    if (evaluation.effect === 'deny') return { effect: 'deny', reason: reasonOf(evaluation) };
    return ask(call, evaluation, key);
  }

  async function ask(call: GateCall, evaluation: Evaluation, key: string): Promise<GateAnswer> {
    const refused = questions.refused(call, evaluation);
    if (refused) return refusal(refused, refused.words);
    const answer = await questions.ask(call, evaluation);
    return answer && !control.isCut() ? settle(call, answer, key) : never();
  }

  /** The answer discharges the ask only as far as the policy of this moment lets it. */
  async function settle(call: GateCall, answer: Answer, key: string): Promise<GateAnswer> {
    const words = await questions.wordsOf(answer);
    if (isRefusal(answer)) {
      questions.used(answer.approval_id);
      return refusal(answer, words);
    }
    const action = call.asOfNow?.() ?? call.action;
    if (canonicalJson(action) !== canonicalJson(call.action)) return decide({ ...call, action }, `${key}~`); // not what anybody saw
    await grants.forgetRevoked(answer.grant);
    const isNew = answer.grant === undefined || grants.add(answer.grant);
    const started = parts.now();
    const evaluation = judge(call.action, grants.available());
    const record = evaluated(parts.turn_id, call, evaluation, parts.now() - started);
    if (evaluation.effect === 'deny') {
      await append(`${key}/denied`, [record]); // by a policy that was set after it was asked
      return { effect: 'deny', reason: reasonOf(evaluation) };
    }
    if (answer.decision === 'answer') {
      const { approval_id } = answer; // an answer is no grant: it counts for this call alone
      return allow(call, evaluation, { key: `${key}/answered`, before: [], approval_id, input: inputOf(words) });
    }
    if (evaluation.effect === 'allow') return allow(call, evaluation, { key: `${key}/approved`, before: [] });
    // another call like it was quicker, or the policy asks by a rule that nobody was shown: it is a new question
    if (isNew && !isBeyond(answer.grant, evaluation))
      return { effect: 'deny', reason: 'The approval does not cover this call by the policy of now.' };
    questions.used(answer.approval_id);
    return ask(call, evaluation, `${key}+`);
  }

  async function allow(call: GateCall, evaluation: Evaluation, { key, before, ...by }: Allowed): Promise<GateAnswer> {
    const grant = evaluation.grant_id === undefined ? undefined : grants.take(evaluation.grant_id);
    const approval_id = by.approval_id ?? grant?.approval_id;
    if (approval_id !== undefined) questions.used(approval_id);
    await append(key, [
      ...before,
      ...(grant ? [grantUsed(parts.turn_id, call, grant, evaluation)] : []),
      toolUse(parts.turn_id, call, evaluation, approval_id),
    ]);
    if (control.isCut()) return never();
    return { effect: 'allow', ...(by.input !== undefined && { input: by.input }) };
  }
}

interface Allowed {
  readonly key: string;
  readonly before: readonly NewEvent[];
  readonly approval_id?: string;
  /** A person's answer to the agent's question. */
  readonly input?: unknown;
}

const refusal = ({ decision, actor }: Pick<Answer, 'decision' | 'actor'>, words: string): GateAnswer => ({
  effect: 'deny',
  reason: words || `Refused by ${actor.id}.`,
  ...(decision === 'deny_and_stop' && { stop: true }),
});

/** Whether more rules ask now than the grant discharges. */
const isBeyond = (grant: Grant | undefined, { rules }: Evaluation): boolean =>
  rules.some(({ name }) => !grant?.rules.includes(name));

const reasonOf = ({ rules }: Evaluation): string =>
  rules.map(({ name, reason }) => `${reason} (rule ${name})`).join(' ') || 'A policy denies it.';

function inputOf(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return words;
  }
}
