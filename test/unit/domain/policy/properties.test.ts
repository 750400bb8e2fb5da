/** What holds for all policies and actions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../../src/domain/approval/schema.ts';
import { EFFECTS, LEVELS, type Effect, type PolicyDefault, type Rule } from '../../../../src/domain/policy/schema.ts';
import { judge, mcp, push, read, request, rule, shell, WORK, write, type Levels } from './a-policy.ts';

const effect = fc.constantFrom(...EFFECTS);
const level = fc.constantFrom(...LEVELS);
const anAction = fc.constantFrom(
  read(`${WORK}/src/a.ts`),
  read(`${WORK}/.env`, '/etc/hosts'),
  write(`${WORK}/docs/a.md`, `${WORK}/src/b.ts`),
  shell('git push origin main'),
  shell('make && git status'),
  shell('$run "$@"'),
  request('api.example.org'),
  push('example.org'),
  mcp('github', 'create_issue'),
);
const matching = fc.record(
  {
    on: fc.constantFrom<Rule['on']>('*', 'file.*', ['file.write', 'shell.exec'], 'shell.exec', 'git.*', 'net.request'),
    paths: fc.constantFrom<string[]>(['src/**'], ['**'], ['/etc/*', '**/.env'], ['docs/*.md', 'src/*']),
    commands: fc.constantFrom<string[]>(['git push'], ['git', 'make'], ['rm -rf']),
    hosts: fc.constantFrom<string[]>(['*.example.org'], ['example.org']),
  },
  { requiredKeys: ['on'] },
);
const aRule: fc.Arbitrary<Rule> = fc
  .tuple(matching, effect, fc.uuid(), fc.boolean())
  .map(([words, said, name, grantable]) => ({
    ...words,
    name,
    effect: said,
    reason: 'x',
    ...(grantable && { grantable: 'always' as const }),
  }));
const aDefault: fc.Arbitrary<PolicyDefault> = fc
  .tuple(matching, effect)
  .map(([words, said]) => ({ ...words, effect: said, reason: 'x' }));
const someLevels: fc.Arbitrary<Levels> = fc
  .array(fc.record({ rules: fc.array(aRule, { maxLength: 3 }), defaults: fc.array(aDefault, { maxLength: 3 }) }), {
    minLength: 4,
    maxLength: 4,
  })
  .map((all) => Object.fromEntries(LEVELS.map((name, at) => [name, all[at]])) as Levels);

const strictness = (said: Effect): number => EFFECTS.indexOf(said);

function withRule(levels: Levels, at: (typeof LEVELS)[number], added: Rule): Levels {
  return { ...levels, [at]: { ...levels[at], rules: [...(levels[at]?.rules ?? []), added] } };
}
const bindingAside = (levels: Levels): Levels =>
  Object.fromEntries(
    Object.entries(levels).map(([name, { rules = [], defaults = [] }]) => [
      name,
      { defaults, rules: rules.filter((rule) => rule.effect === 'allow') },
    ]),
  );

describe('whatever the policy', () => {
  it('one more ask or deny, at any level, never loosens', () => {
    const binding = aRule.filter((rule) => rule.effect !== 'allow');
    fc.assert(
      fc.property(someLevels, level, binding, anAction, (levels, at, added, action) => {
        const before = judge(levels, action).effect;
        expect(strictness(judge(withRule(levels, at, added), action).effect)).toBeGreaterThanOrEqual(
          strictness(before),
        );
      }),
      { numRuns: 500 },
    );
  });
  it('the order inside a level never matters', () => {
    fc.assert(
      fc.property(someLevels, anAction, (levels, action) => {
        const turned = Object.fromEntries(
          Object.entries(levels).map(([name, { rules = [], defaults = [] }]) => [
            name,
            { rules: rules.toReversed(), defaults: defaults.toReversed() },
          ]),
        );
        const [one, two] = [judge(levels, action), judge(turned, action)];
        expect(two.effect).toBe(one.effect);
        expect(two.rules.map(({ name }) => name).toSorted()).toEqual(one.rules.map(({ name }) => name).toSorted());
      }),
      { numRuns: 500 },
    );
  });
  it('a near default, or a near allow, replaces what farther levels say by default', () => {
    fc.assert(
      fc.property(someLevels, effect, anAction, fc.boolean(), (levels, said, action, by_rule) => {
        const far = { ...bindingAside(levels), session: {} };
        const allow: Rule = { name: 'near', on: '*', effect: 'allow', reason: 'x' };
        const near = by_rule ? { rules: [allow] } : { defaults: [{ on: '*', effect: said, reason: 'x' }] };
        const evaluation = judge({ ...far, session: near }, action);
        expect(evaluation.effect).toBe(by_rule ? 'allow' : said);
        expect(evaluation.rules.map((hit) => hit.level)).toEqual(['session']);
      }),
    );
  });
  it('nothing replaces a rule: no allow, no default, no grant lets a denied action pass, and no allow an asked one', () => {
    fc.assert(
      fc.property(
        someLevels,
        level,
        fc.constantFrom('ask' as const, 'deny' as const),
        anAction,
        (levels, at, said, action) => {
          const bound = withRule(levels, at, { name: 'bound', on: '*', effect: said, reason: 'x' });
          const generous = withRule(bound, 'session', { name: 'generous', on: '*', effect: 'allow', reason: 'x' });
          const { effect: met, rules, digest } = judge(generous, action);
          expect(strictness(met)).toBeGreaterThanOrEqual(strictness(said));
          const grants: readonly Grant[] = [
            {
              grant_id: 'grt_00000001',
              approval_id: 'apr_00000001',
              scope: 'once',
              digest,
              pattern: { on: '*' },
              rules: ['bound', ...rules.map(({ name }) => name)],
            },
          ];
          const granted = judge(generous, action, { grants }).effect;
          expect(granted).toBe(met === 'deny' ? 'deny' : 'allow');
        },
      ),
      { numRuns: 300 },
    );
  });
  it('a rule or default that cannot be judged is a deny, whatever it says', () => {
    fc.assert(
      fc.property(someLevels, level, effect, fc.boolean(), (levels, at, said, as_default) => {
        const broken = { name: 'broken', on: 'file.read', paths: ['['], effect: said, reason: 'x' } as const;
        const more = as_default
          ? { ...levels[at], defaults: [...(levels[at]?.defaults ?? []), broken] }
          : { ...levels[at], rules: [...(levels[at]?.rules ?? []), broken] };
        const generous = rule({ on: '*', effect: 'allow' });
        const evaluation = judge(withRule({ ...levels, [at]: more }, 'session', generous), read(`${WORK}/a`));
        expect(evaluation.effect).toBe('deny');
        expect(evaluation.rules.map(({ name }) => name)).toContain('broken');
      }),
    );
  });
  it('a rule in shadow changes nothing but what is noted', () => {
    fc.assert(
      fc.property(someLevels, level, aRule, anAction, (levels, at, added, action) => {
        const before = judge(levels, action);
        const after = judge(withRule(levels, at, { ...added, shadow: true }), action);
        expect([after.effect, after.rules]).toEqual([before.effect, before.rules]);
        const alone = judge({ session: { rules: [added] } }, action);
        const matches = alone.rules.some(({ name }) => name === added.name);
        expect(after.shadow).toEqual(matches ? [{ name: added.name, effect: added.effect }] : []);
      }),
    );
  });
  it('an allow with a shell script covers it only if it covers what an ask would find in it', () => {
    const words = fc.constantFrom(
      'git push',
      'make',
      'ls',
      'echo $(git push)',
      'sh -c "git push"',
      'sudo git push',
      '$x',
    );
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(' && ', '; ', ' | '),
        (parts, glue) => {
          const action = shell(parts.join(glue));
          const allows = judge(
            {
              agent: {
                rules: [{ name: 'a', on: 'shell.exec', commands: ['make', 'ls'], effect: 'allow', reason: 'x' }],
              },
            },
            action,
          );
          const pushes = judge(
            {
              agent: { rules: [{ name: 'b', on: 'shell.exec', commands: ['git push'], effect: 'deny', reason: 'x' }] },
            },
            action,
          );
          expect(allows.effect === 'allow' && pushes.effect === 'deny').toBe(false);
          expect(pushes.effect === 'deny').toBe(parts.some((part) => part !== 'make' && part !== 'ls'));
        },
      ),
    );
  });
});
