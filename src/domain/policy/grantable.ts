/** How long a grant may last. */
import { LEAVES_SANDBOX, type ActionKind } from '../action/schema.ts';
import { byLength, type GrantScope } from '../approval/words.ts';

/** An answer to a question and an allow of what leaves the sandbox are for once, unless a rule says otherwise. */
export const ONCE_ONLY: readonly ActionKind[] = [...LEAVES_SANDBOX, 'question.ask', 'plan.propose'];

export const grantableOf = (kind: ActionKind, said: GrantScope | undefined): GrantScope =>
  said ?? (ONCE_ONLY.includes(kind) ? 'once' : 'session');

/** The narrowest of what the rules allow. */
export const narrowest = (
  kind: ActionKind,
  rules: readonly { readonly grantable?: GrantScope | undefined }[],
): GrantScope =>
  rules.map(({ grantable }) => grantableOf(kind, grantable)).toSorted(byLength)[0] ?? grantableOf(kind, undefined);
