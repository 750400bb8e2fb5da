/** The grant that a decision makes: for the action itself, and for what the shown pattern covers when it lasts longer. */
import type { DecisionWord, Grant, GrantPattern } from '../approval/schema.ts';
import type { Approval } from './state.ts';

/** Undefined for a decision that allows nothing; an answer to a question needs no grant. */
export function grantOf(
  { approval_id, digest, rules }: Pick<Approval, 'approval_id' | 'digest' | 'rules'>,
  {
    decision,
    pattern,
    grant_id,
  }: {
    readonly decision?: DecisionWord;
    readonly pattern?: GrantPattern;
    readonly grant_id?: string;
  },
): Grant | undefined {
  const scope = decision === undefined ? undefined : SCOPES[decision];
  if (scope === undefined || grant_id === undefined) return undefined;
  return {
    grant_id: grant_id as Grant['grant_id'],
    approval_id: approval_id as Grant['approval_id'],
    scope,
    digest,
    pattern: scope === 'once' ? null : (pattern ?? null),
    rules: [...rules],
  };
}

const SCOPES: Readonly<Partial<Record<DecisionWord, Grant['scope']>>> = {
  allow_once: 'once',
  allow_session: 'session',
  allow_always: 'always',
};
