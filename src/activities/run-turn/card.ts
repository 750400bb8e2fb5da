/** What an approval shows to people: the action in one line, in full, why it is asked, and what may be answered. Pure. */
import type { GrantPattern } from '../../domain/approval/schema.ts';
import type { ApprovalKind, GrantScope } from '../../domain/approval/words.ts';
import { narrowest } from '../../domain/policy/grantable.ts';
import type { Action } from '../../domain/action/schema.ts';
import type { Evaluation, RuleHit } from '../../domain/policy/schema.ts';
import type { GateCall } from '../../harnesses/contract.ts';
import { titleOf } from './title.ts';

export interface Card {
  readonly kind: ApprovalKind;
  readonly title: string;
  readonly name: string;
  readonly tool_use_id: string;
  readonly input: unknown;
  /** The exact action: what the digest is over. */
  readonly preview: Action;
  /** What a session or lasting allow would cover; null where none is suggested. */
  readonly pattern: GrantPattern | null;
  readonly rules: readonly RuleHit[];
  readonly grantable: GrantScope;
}

export function cardOf(
  { action, name, tool_use_id, input }: GateCall,
  { rules }: Evaluation,
  suggest: (action: Action) => GrantPattern | null,
): Card {
  const grantable = narrowest(action.kind, rules);
  const pattern = grantable === 'once' ? null : suggest(action);
  return {
    kind: kindOf(action),
    title: titleOf(action, name),
    name,
    tool_use_id,
    input,
    preview: action,
    pattern,
    rules,
    grantable,
  };
}

function kindOf({ kind }: Action): ApprovalKind {
  if (kind === 'question.ask') return 'question';
  if (kind === 'plan.propose') return 'plan';
  return kind === 'package.publish' ? 'publish' : 'tool';
}
