/** How long a grant may last. */
import { LEAVES_SANDBOX, type ActionKind } from '../action/schema.ts';
import { GRANT_SCOPES, type GrantScope } from '../approval/schema.ts';

/** An answer to a question and an allow of what leaves the sandbox are for once, unless a rule says otherwise. */
export const ONCE_ONLY: readonly ActionKind[] = [...LEAVES_SANDBOX, 'question.ask', 'plan.propose'];

export const grantableOf = (kind: ActionKind, said: GrantScope | undefined): GrantScope =>
  said ?? (ONCE_ONLY.includes(kind) ? 'once' : 'session');

export const lastsNoLongerThan = (scope: GrantScope, limit: GrantScope): boolean =>
  GRANT_SCOPES.indexOf(scope) <= GRANT_SCOPES.indexOf(limit);
