/** Levels of policy, compiled once and named by their digest. */
import type { ActionKind } from '../action/schema.ts';
import { digestOf, type Sha256 } from '../canonical.ts';
import { grantableOf } from './grantable.ts';
import { compileMatchers, type Matcher } from './matchers.ts';
import type { SandboxKind } from '../sandbox-kind.ts';
import type { Effect, Level, PolicyDefault, PolicyLevel, Rule, RuleHit } from './schema.ts';

export interface CompiledPolicy {
  /** The same levels have the same version, on any host. */
  readonly version: string;
  readonly sandbox: SandboxKind;
  /** From far to near. */
  readonly levels: readonly CompiledLevel[];
}
export interface CompiledLevel {
  readonly level: Level;
  readonly rules: readonly CompiledRule[];
  readonly defaults: readonly CompiledRule[];
}
export interface CompiledRule {
  readonly effect: Effect;
  readonly shadow: boolean;
  readonly matches: Matcher;
  /** How it shows in an evaluation. */
  readonly hit: (kind: ActionKind) => RuleHit;
}

/** The name of what nothing covers. */
export const UNCOVERED = 'uncovered';

export function compilePolicy(
  levels: readonly PolicyLevel[],
  { sandbox, sha256 }: { readonly sandbox: SandboxKind; readonly sha256: Sha256 },
): CompiledPolicy {
  const names = new Set([UNCOVERED]);
  return {
    version: digestOf({ sandbox, levels }, sha256),
    sandbox,
    levels: levels.map(({ level, rules, defaults }) => ({
      level,
      rules: rules.map((rule) => compileRule(rule, { level, name: nameIn(names, level, rule.name) })),
      defaults: defaults.map((rule) =>
        compileRule(rule, { level, name: nameIn(names, level, rule.name ?? wordsOf(rule)) }),
      ),
    })),
  };
}

function compileRule(
  rule: Rule | PolicyDefault,
  { level, name }: { readonly level: Level; readonly name: string },
): CompiledRule {
  const { effect, reason = `A default of the level ${level}.` } = rule;
  const { shadow = false, grantable, on_expiry, expires_in_s, grace_s } = rule as Partial<Rule>;
  return {
    effect,
    shadow,
    matches: compileMatchers(rule, effect === 'allow' ? 'whole' : 'part'),
    hit: (kind) => ({
      name,
      level,
      reason,
      ...(effect === 'ask' && { grantable: grantableOf(kind, grantable) }),
      ...(on_expiry !== undefined && { on_expiry }),
      ...(expires_in_s !== undefined && { expires_in_s }),
      ...(grace_s !== undefined && { grace_s }),
    }),
  };
}

/** A grant names the rules it discharges: no two rules of a policy share a name. */
function nameIn(taken: Set<string>, level: Level, name: string): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = n === 1 ? `${level}/${name}` : `${level}/${name}#${n}`;
  taken.add(free);
  return free;
}

/** A default without a name is called by what it says. */
function wordsOf({ on, paths, commands, hosts, tools, effect }: PolicyDefault): string {
  const words = [on, paths, commands, hosts, tools].flatMap((part) =>
    part === undefined ? [] : [part].flat().join(','),
  );
  return `default ${effect} ${words.join(' ')}`;
}
