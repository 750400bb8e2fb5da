/** Which grant lets an asked action pass. */
import type { Grant, GrantPattern } from '../approval/schema.ts';
import { byLength, GRANT_SCOPES, lastsNoLongerThan } from '../approval/words.ts';
import { compileMatchers, type Matcher } from './matchers.ts';
import type { RuleHit } from './schema.ts';
import type { Subject } from './subject.ts';

/** One that covers the action and every rule that asks, for as long as each rule lets it last. The shortest goes first: it is used up. */
export function grantFor(
  grants: readonly Grant[],
  {
    subject,
    digest,
    rules,
  }: { readonly subject: Subject; readonly digest: string; readonly rules: readonly RuleHit[] },
): Grant | undefined {
  const fitting = grants.filter(
    (grant) => discharges(grant, rules) && (grant.digest === digest || covers(grant.pattern, subject)),
  );
  return fitting.toSorted((a, b) => byLength(a.scope, b.scope))[0];
}

const discharges = (grant: Grant, rules: readonly RuleHit[]): boolean =>
  GRANT_SCOPES.includes(grant.scope) &&
  Array.isArray(grant.rules) &&
  rules.every(
    ({ name, grantable = 'once' }) => grant.rules.includes(name) && lastsNoLongerThan(grant.scope, grantable),
  );

const compiled = new WeakMap<GrantPattern, Matcher>();

/** A pattern covers a whole action or nothing; one that cannot be judged covers nothing. */
export function covers(pattern: GrantPattern | null, subject: Subject): boolean {
  if (!pattern) return false;
  try {
    const matches = compiled.get(pattern) ?? compileMatchers(pattern, 'whole');
    compiled.set(pattern, matches);
    return matches(subject);
  } catch {
    return false;
  }
}
