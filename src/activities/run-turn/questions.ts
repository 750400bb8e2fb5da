/** Asks people through the session's workflow, and holds the harness until somebody answers or the grace is over. */
import { canonicalJson } from '../../domain/canonical.ts';
import type { OnExpiry } from '../../domain/approval/words.ts';
import { DEFAULTS } from '../../domain/defaults.ts';
import { approvalId } from '../../domain/session/approval-id.ts';
import type { Evaluation } from '../../domain/policy/schema.ts';
import type { Answer, TurnInput } from '../../domain/turn.ts';
import type { GateCall } from '../../harnesses/contract.ts';
import type { ActivityPorts } from '../ports.ts';
import { wordsOf } from './brief.ts';
import { cardOf } from './card.ts';
import type { LoggedAnswer, TurnHistory } from './history.ts';
import type { TurnControl } from './turn-control.ts';

export interface Questions {
  /** The answer of a person; null when the attempt is cut instead. */
  ask(call: GateCall, evaluation: Evaluation): Promise<Answer | null>;
  /** What a person refused before this attempt began, for this very call: a harness that plays its calls again hears it again. */
  refused(call: GateCall, evaluation: Evaluation): LoggedAnswer | null;
  /** Its answer has done its work: the same action again is a new question. */
  used(approval_id: string): void;
  /** What the person wrote. */
  wordsOf(answer: Answer): Promise<string>;
  /** Approvals that this attempt asked for and nobody has answered. */
  open(): readonly string[];
}

export interface QuestionParts {
  readonly ports: Pick<ActivityPorts, 'approvals' | 'blobs' | 'now' | 'sha256' | 'suggestPattern'>;
  readonly input: TurnInput;
  /** Of Temporal's own count: each asking has a key of its own. */
  readonly tries: number;
  readonly history: TurnHistory;
  readonly control: TurnControl;
}

export function createQuestions({ ports, input, tries, history, control }: QuestionParts): Questions {
  const { session_id, turn_id, attempt } = input;
  const open = new Set<string>();

  /** The same question has the same id on every attempt, until its answer is used up. */
  function idFor(digest: string) {
    const ordinal = [...history.approvals.values()].filter((asked) => asked.digest === digest && asked.used).length;
    return approvalId({ turn_id, digest, ordinal }, ports.sha256);
  }

  async function request(approval_id: string, call: GateCall, evaluation: Evaluation) {
    const card = cardOf(call, evaluation, ports.suggestPattern);
    const [action_ref, card_ref] = await Promise.all([
      ports.blobs.put(canonicalJson(call.action)),
      ports.blobs.put(canonicalJson(card)),
    ]);
    const approval = {
      approval_id,
      turn_id,
      attempt,
      kind: card.kind,
      action: action_ref,
      digest: evaluation.digest,
      rules: evaluation.rules.map(({ name }) => name),
      grantable: card.grantable,
      approvers: null,
      ...lifetimeOf(evaluation),
      card: card_ref,
    };
    if (!history.approvals.has(approval_id))
      history.approvals.set(approval_id, {
        approval_id,
        digest: evaluation.digest,
        title: card.title,
        tool_use_id: call.tool_use_id,
        status: 'pending',
        used: false,
        told: false,
      });
    return ports.approvals.request(session_id, approval, `${approval_id}#${attempt}.${tries}`);
  }

  /** What pauses when it expires is held until then at the longest, however often it was asked: the pause begins without a process. */
  function graceMs(evaluation: Evaluation, { expires_at }: { readonly expires_at: string }): number {
    const grace_ms = 1_000 * Math.min(...evaluation.rules.flatMap(({ grace_s }) => grace_s ?? []), input.grace_s);
    if (lifetimeOf(evaluation).on_expiry === 'deny') return grace_ms;
    return Math.max(0, Math.min(grace_ms, Date.parse(expires_at) - ports.now()));
  }

  return {
    async ask(call, evaluation) {
      const approval_id = idFor(evaluation.digest);
      const asked = await request(approval_id, call, evaluation);
      if (asked.status === 'decided') return asked.answer;
      open.add(approval_id);
      const answer = asked.status === 'pending' ? await control.answer(approval_id, graceMs(evaluation, asked)) : null;
      if (!answer) control.end({ kind: 'suspend' });
      else open.delete(approval_id);
      return answer;
    },
    refused({ tool_use_id }, { digest }) {
      const asked = [...history.approvals.values()].findLast(
        (one) => one.tool_use_id === tool_use_id && one.digest === digest,
      );
      return asked?.answer && isRefusal(asked.answer) ? asked.answer : null;
    },
    used(approval_id) {
      const asked = history.approvals.get(approval_id);
      if (asked) asked.used = true;
    },
    wordsOf: (answer) => wordsOf(ports.blobs, answer),
    open: () => [...open],
  };
}

/** Nobody is asked twice. */
export const isRefusal = ({ decision }: Pick<Answer, 'decision'>): boolean =>
  decision === 'deny' || decision === 'deny_and_stop';

function lifetimeOf({ rules }: Evaluation): { readonly on_expiry: OnExpiry; readonly expires_in_s: number } {
  return {
    on_expiry: rules.some(({ on_expiry }) => on_expiry === 'deny') ? 'deny' : 'pause',
    expires_in_s: Math.min(...rules.flatMap(({ expires_in_s }) => expires_in_s ?? []), DEFAULTS.approval_expires_s),
  };
}
