/** Judges one action: the strictest of every binding rule and of one fallback. A near allow replaces a far default, nothing replaces a rule. */
import type { Action } from '../action/schema.ts';
import type { Grant } from '../approval/schema.ts';
import { digestOf, type Sha256 } from '../canonical.ts';
import { UNCOVERED, type CompiledLevel, type CompiledPolicy, type CompiledRule } from './compile.ts';
import { grantFor } from './grants.ts';
import { grantableOf } from './grantable.ts';
import { EFFECTS, type Effect, type Evaluation, type RuleHit } from './schema.ts';
import { lookAt, type Subject } from './subject.ts';

/** One rule or default that matches, and what it makes the effect. */
interface Match {
  readonly effect: Effect;
  readonly hit: RuleHit;
}

export function evaluate(
  policy: CompiledPolicy,
  action: Action,
  { grants, sha256 }: { readonly grants: readonly Grant[]; readonly sha256: Sha256 },
): Evaluation {
  const subject = lookAt(action, policy.sandbox);
  const digest = digestOf(action, sha256);
  const judged = policy.levels.map((level) => judgeLevel(level, subject));
  const matches = [...judged.flatMap(({ binding }) => binding), ...fallback(judged, subject)];
  const effect = strictest(matches);
  const rules = matches.filter((match) => match.effect === effect).map(({ hit }) => hit);
  const grant = effect === 'ask' ? grantFor(grants, { subject, digest, rules }) : undefined;
  return {
    effect: grant ? 'allow' : effect,
    rules,
    policy_version: policy.version,
    digest,
    ...(grant && { grant_id: grant.grant_id }),
    shadow: judged.flatMap(({ shadow }) => shadow),
  };
}

interface JudgedLevel {
  readonly binding: readonly Match[];
  /** What this level says where nothing binds: its allow rules, else the strictest of its defaults. */
  readonly fallback: readonly Match[];
  readonly shadow: Evaluation['shadow'];
}

function judgeLevel({ rules, defaults }: CompiledLevel, subject: Subject): JudgedLevel {
  const matching = judgeAll(rules, subject);
  const counted = matching.filter(({ rule }) => !rule.shadow);
  const usual = judgeAll(defaults, subject);
  const allows = counted.filter(({ effect }) => effect === 'allow');
  const strict = strictest(usual);
  return {
    binding: [...counted.filter(({ effect }) => effect !== 'allow'), ...usual.filter(({ threw }) => threw)],
    fallback: allows.length > 0 ? allows : usual.filter(({ effect }) => effect === strict),
    shadow: matching.filter(({ rule }) => rule.shadow).map(({ hit: { name }, effect }) => ({ name, effect })),
  };
}

interface Judged extends Match {
  readonly rule: CompiledRule;
  readonly threw: boolean;
}

/** Those that match. One that cannot be judged counts as a deny, whatever it says. */
function judgeAll(rules: readonly CompiledRule[], subject: Subject): readonly Judged[] {
  const { kind } = subject.action;
  return rules.flatMap((rule): readonly Judged[] => {
    try {
      return rule.matches(subject) ? [{ rule, effect: rule.effect, hit: rule.hit(kind), threw: false }] : [];
    } catch {
      const { name, level, reason } = rule.hit(kind);
      return [
        { rule, effect: 'deny', hit: { name, level, reason: `It cannot be judged. ${reason}`.trim() }, threw: true },
      ];
    }
  });
}

function fallback(judged: readonly JudgedLevel[], { action }: Subject): readonly Match[] {
  const nearest = judged.findLast((level) => level.fallback.length > 0);
  return nearest?.fallback ?? [{ effect: 'ask', hit: uncovered(action) }];
}

const strictest = (matches: readonly { readonly effect: Effect }[]): Effect =>
  EFFECTS[Math.max(0, ...matches.map(({ effect }) => EFFECTS.indexOf(effect)))] ?? 'deny';

function uncovered({ kind }: Action): RuleHit {
  const reason = kind.startsWith('file.') ? 'It is outside of the worktree.' : 'No rule and no default covers it.';
  return { name: UNCOVERED, level: 'shipped', reason, grantable: grantableOf(kind, undefined) };
}
