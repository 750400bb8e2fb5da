/** What an evaluation says, and the policy that an agent has. */
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../src/domain/canonical.ts';
import { createPolicyFor } from '../../../../src/domain/policy/index.ts';
import { PolicyBody, SessionPolicy } from '../../../../src/domain/policy/schema.ts';
import type { AgentConfig } from '../../../../src/domain/spec/agent.ts';
import { judge, judgeShipped, namesOf, read, rule, sha256, shell, WORK, write } from './a-policy.ts';

const anAgent = (over: Partial<AgentConfig> = {}): AgentConfig => ({
  name: 'coder',
  harness: 'scripted',
  sandbox: 'bubblewrap',
  ...over,
});
const pushes = (name: string, effect: 'ask' | 'deny') =>
  rule({ name, on: 'shell.exec', commands: ['git push'], effect });

describe('an evaluation', () => {
  it('names every rule that gave its effect, with level, reason and what the rule says of an approval', () => {
    const one = {
      ...pushes('one', 'ask'),
      reason: 'It leaves.',
      grantable: 'once' as const,
      on_expiry: 'deny' as const,
      expires_in_s: 60,
      grace_s: 5,
    };
    const evaluation = judgeShipped(shell('git push'), {
      server: { rules: [one] },
      session: { rules: [pushes('two', 'ask')] },
    });
    expect(evaluation).toMatchObject({ effect: 'ask', shadow: [] });
    expect(evaluation.rules).toEqual([
      {
        name: 'one',
        level: 'server',
        reason: 'It leaves.',
        grantable: 'once',
        on_expiry: 'deny',
        expires_in_s: 60,
        grace_s: 5,
      },
      { name: 'two', level: 'session', reason: 'a reason', grantable: 'session' },
    ]);
  });
  it('names the deny alone where something asks too', () => {
    const levels = { server: { rules: [pushes('asks', 'ask')] }, agent: { rules: [pushes('denies', 'deny')] } };
    expect(namesOf(judgeShipped(shell('git push'), levels))).toEqual(['denies']);
  });
  it('carries the digest of the action, and the version of the policy', () => {
    const action = write(`${WORK}/a`);
    const evaluation = judge({}, action);
    expect(evaluation.digest).toBe(digestOf(action, sha256));
    expect(evaluation.policy_version).toMatch(/^[0-9a-f]{64}$/);
  });
  it('is an ask by no rule where nothing covers the action', () => {
    expect(judge({}, shell('ls'))).toMatchObject({ effect: 'ask', rules: [{ name: 'uncovered', level: 'shipped' }] });
  });
  it('takes an allow rule before a default of the same level, and the strictest of its defaults', () => {
    const defaults = [
      { on: '*' as const, effect: 'allow' as const },
      { on: 'file.*' as const, effect: 'deny' as const },
    ];
    expect(judge({ agent: { defaults } }, read(`${WORK}/a`)).effect).toBe('deny');
    const rules = [rule({ on: 'file.read', effect: 'allow' })];
    expect(judge({ agent: { defaults, rules } }, read(`${WORK}/a`)).effect).toBe('allow');
  });
  it('gives two rules of one name two names: a grant for the one is none for the other', () => {
    const levels = { server: { rules: [pushes('push', 'ask')] }, agent: { rules: [pushes('push', 'ask')] } };
    expect(namesOf(judgeShipped(shell('git push'), levels))).toEqual(['push', 'agent/push']);
  });
  it('lets a nearer level open what is shipped closed, and close what is open', () => {
    const env = read(`${WORK}/.env.example`);
    expect(judgeShipped(env).effect).toBe('deny');
    const opens = { agent: { rules: [rule({ on: 'file.read', paths: ['.env.example'], effect: 'allow' })] } };
    expect([judgeShipped(env, opens).effect, judgeShipped(read(`${WORK}/.env`), opens).effect]).toEqual([
      'allow',
      'deny',
    ]);
    const closes = { agent: { defaults: [{ on: 'shell.exec' as const, effect: 'ask' as const }] } };
    expect(judgeShipped(shell('ls'), closes).effect).toBe('ask');
  });
});

describe('the policy of an agent', () => {
  const policyFor = createPolicyFor({ sha256 });
  const policies = PolicyBody.parse({
    rules: [{ name: 'no-push', on: 'shell.exec', commands: ['git push'], effect: 'deny', reason: 'No.' }],
  });

  it('is what is shipped, and its own rules', () => {
    const { judge: judged } = policyFor(anAgent({ policies }));
    expect([judged(shell('git push'), []).effect, judged(shell('ls'), []).effect]).toEqual(['deny', 'allow']);
    expect(policyFor(anAgent()).judge(shell('git push'), []).effect).toBe('allow');
  });
  it('asks for the shell when there is no sandbox', () => {
    expect(policyFor(anAgent({ sandbox: 'none' })).judge(shell('ls'), []).effect).toBe('ask');
  });
  it('has one version for the same rules, on any host and whatever else the agent says', () => {
    const { version } = policyFor(anAgent({ policies }));
    expect(
      createPolicyFor({ sha256 })(anAgent({ policies: structuredClone(policies), name: 'other', model: 'm' })).version,
    ).toBe(version);
  });
  it('has another version when a rule or the sandbox changes', () => {
    const [first] = policies.rules;
    const versions = [
      policyFor(anAgent()).version,
      policyFor(anAgent({ policies })).version,
      policyFor(anAgent({ policies: { ...policies, rules: [{ ...first!, reason: 'Never.' }] } })).version,
      policyFor(anAgent({ policies, sandbox: 'none' })).version,
    ];
    expect(new Set(versions).size).toBe(4);
  });
  it('has the rules of a session over it, and none where the session has none', () => {
    const session = SessionPolicy.parse({
      rules: [{ name: 'no-ls', on: 'shell.exec', commands: ['ls'], effect: 'deny', reason: 'Not now.' }],
    });
    const over = policyFor(anAgent({ policies }), session);
    expect(over.judge(shell('ls'), [])).toMatchObject({ effect: 'deny', rules: [{ name: 'no-ls', level: 'session' }] });
    expect([over.judge(shell('git push'), []).effect, over.judge(shell('pwd'), []).effect]).toEqual(['deny', 'allow']);
    expect(policyFor(anAgent({ policies }), SessionPolicy.parse({})).version).toBe(
      policyFor(anAgent({ policies })).version,
    );
    expect(over.version).not.toBe(policyFor(anAgent({ policies })).version);
  });
  it.each([
    ['an allow', { rules: [{ name: 'a', on: '*', effect: 'allow', reason: 'x' }] }, 'rules.0.effect'],
    [
      'an allow in shadow',
      { rules: [{ name: 'a', on: '*', effect: 'allow', reason: 'x', shadow: true }] },
      'rules.0.effect',
    ],
    ['a default, also one that denies', { defaults: [{ on: '*', effect: 'deny' }] }, 'defaults'],
    [
      'a hundred rules too many',
      { rules: Array.from({ length: 300 }, (_, n) => ({ name: `r${n}`, on: '*', effect: 'ask', reason: 'x' })) },
      'rules',
    ],
  ])('takes no %s from a session', (_what, body, place) => {
    const { error } = SessionPolicy.safeParse(body);
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([place]);
  });
  it('is compiled once, also after many others', () => {
    let hashed = 0;
    const counting = createPolicyFor({ sha256: (text) => (hashed++, sha256(text)) });
    const many = (n: number) =>
      anAgent({ policies: { rules: [], defaults: [{ name: `d${n}`, on: '*', effect: 'ask' }] } });
    counting(anAgent());
    counting(anAgent());
    expect(hashed).toBe(1);
    for (let n = 0; n < 300; n++) counting(many(n));
    counting(many(299));
    expect(hashed).toBe(301);
  });
});
