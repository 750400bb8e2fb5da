/** What an approval shows, what a grant purse gives out, and how an error looks to the engine. */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { cardOf } from '../../../src/activities/run-turn/card.ts';
import { classified, failureOf } from '../../../src/activities/failure.ts';
import { createPurse } from '../../../src/activities/run-turn/grants.ts';
import { titleOf, toolKindOf } from '../../../src/activities/run-turn/title.ts';
import { ACTION_KINDS, LEAVES_SANDBOX, type Action, type ActionKind } from '../../../src/domain/action/schema.ts';
import type { Grant } from '../../../src/domain/approval/schema.ts';
import { ERROR_KINDS, TackError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { Evaluation, RuleHit } from '../../../src/domain/policy/schema.ts';
import { aCall } from './an-attempt.ts';

const cwd = '/home/agent/work';
const ACTIONS: Readonly<Record<ActionKind, Omit<Action, 'kind' | 'cwd'>>> = {
  'file.read': { paths: ['/a'] },
  'file.search': { paths: ['/a'], pattern: 'x' },
  'file.write': { paths: ['/a'], change: 'modify', content_digest: null },
  'shell.exec': { script: 'ls', argv: ['ls'], env: {}, background: false, files: [] },
  'agent.spawn': { type: 'reader' },
  'plan.update': {},
  'skill.load': { name: 'docs' },
  'question.ask': { questions: [] },
  'plan.propose': { plan_digest: 'f'.repeat(64) },
  'net.request': { method: 'GET', host: 'example.org', port: 443, path: '/' },
  'net.search': { query: 'weather' },
  'model.request': { provider: 'anthropic', model: 'm', max_tokens: 1 },
  'mcp.call': { server: 'git', tool: 'log', input: {} },
  'git.fetch': { host: 'example.org', repository: 'a/b' },
  'git.push': { host: 'example.org', repository: 'a/b', refs: [] },
  'package.install': { ecosystem: 'npm', name: 'zod', version: '4.6.7' },
  'package.publish': { ecosystem: 'npm', name: 'own', version: null },
  'forge.call': { host: 'example.org', repository: 'a/b', operation: 'open a pull request' },
  'tool.other': { tool: 'Dance', input: {} },
};
const actionOf = (kind: ActionKind) => ({ kind, cwd, ...ACTIONS[kind] }) as Action;
const evaluation = (...rules: readonly Partial<RuleHit>[]): Evaluation => ({
  effect: 'ask',
  rules: rules.map((rule) => ({ name: 'r', level: 'agent', reason: 'Because.', ...rule })),
  policy_version: 'v1',
  digest: 'd',
  shadow: [],
});
const suggest = () => ({ on: 'shell.exec', commands: ['make'] });

describe('the card of an approval', () => {
  it.each(ACTION_KINDS)('has one line for %s, and a kind of tool', (kind) => {
    const { title } = cardOf(aCall(1, { action: actionOf(kind), name: 'Tool' }), evaluation({}), suggest);
    expect(title).toMatch(/^\S[^\n]*$/);
    expect(['read', 'edit', 'delete', 'move', 'search', 'execute', 'think', 'fetch', 'other']).toContain(
      toolKindOf(actionOf(kind)),
    );
  });

  it('is one line also for a script of many, and cuts a long one', () => {
    const script = 'set -e\n\n  make\nmake deploy\n';
    expect(titleOf({ ...actionOf('shell.exec'), script } as Action, 'Bash')).toBe('set -e ⏎ make ⏎ make deploy');
    const long = { ...actionOf('shell.exec'), script: 'x'.repeat(5_000) } as Action;
    expect(titleOf(long, 'Bash')).toHaveLength(401);
  });

  it('shows the exact action, each rule, and the call in the words of the harness', () => {
    const call = aCall(1);
    expect(cardOf(call, evaluation({ name: 'deploys' }), suggest)).toEqual({
      kind: 'tool',
      title: 'make deploy',
      name: 'Bash',
      tool_use_id: 'call_1',
      input: { command: 'make deploy' },
      preview: call.action,
      pattern: { on: 'shell.exec', commands: ['make'] },
      rules: [{ name: 'deploys', level: 'agent', reason: 'Because.' }],
      grantable: 'session',
    });
  });

  it('offers the narrowest of what its rules allow, and only once for what leaves the sandbox', () => {
    const grantable = (kind: ActionKind, ...rules: readonly Partial<RuleHit>[]) => {
      const card = cardOf(aCall(1, { action: actionOf(kind) }), evaluation(...rules), suggest);
      return [card.grantable, card.pattern !== null];
    };
    expect(grantable('shell.exec', {})).toEqual(['session', true]);
    expect(grantable('shell.exec', { grantable: 'always' })).toEqual(['always', true]);
    expect(grantable('shell.exec', { grantable: 'always' }, {})).toEqual(['session', true]);
    expect(grantable('shell.exec', { grantable: 'always' }, { grantable: 'once' })).toEqual(['once', false]);
    for (const kind of LEAVES_SANDBOX) expect([kind, ...grantable(kind, {})]).toEqual([kind, 'once', false]);
    expect(grantable('git.push', { grantable: 'session' })).toEqual(['session', true]); // its rule says so
  });

  it('is a question, a plan or a publication where the action is one', () => {
    const kinds = (['question.ask', 'plan.propose', 'package.publish', 'shell.exec'] as const).map(
      (kind) => cardOf(aCall(1, { action: actionOf(kind) }), evaluation({}), suggest).kind,
    );
    expect(kinds).toEqual(['question', 'plan', 'publish', 'tool']);
  });
});

describe('the purse of an attempt', () => {
  const grant = (n: number, scope: Grant['scope']): Grant => ({
    grant_id: `grt_${n}`,
    approval_id: `apr_${n}`,
    scope,
    digest: 'd',
    pattern: null,
    rules: [],
  });
  const ids = (grants: readonly Grant[]) => grants.map(({ grant_id }) => grant_id);

  it('gives out a grant for once once, over all attempts, and a lasting one always', () => {
    const purse = createPurse([grant(1, 'once'), grant(2, 'session'), grant(3, 'once')], {
      used: new Set(['grt_1', 'grt_2']),
      revocations: async () => [],
    });
    expect(ids(purse.available())).toEqual(['grt_2', 'grt_3']);
    purse.take('grt_2');
    purse.take('grt_3');
    expect(ids(purse.available())).toEqual(['grt_2']);
    expect([purse.add(grant(1, 'once')), purse.add(grant(3, 'once')), purse.add(grant(4, 'once'))]).toEqual([
      false,
      false,
      true,
    ]);
    expect(() => purse.take('grt_3')).toThrow('Nobody holds');
  });
});

describe('an error, as the engine sees it', () => {
  it('keeps its code, and is tried again only when it may pass by itself', () => {
    const retried = (Object.keys(ERROR_KINDS) as ErrorCode[]).filter(
      (code) => !(failureOf(new TackError(code, 'x')) as ApplicationFailure).nonRetryable,
    );
    expect(retried.toSorted()).toEqual([
      'broker_unavailable',
      'engine_unavailable',
      'git_failed',
      'harness_crashed',
      'host_lost',
      'sandbox_failed',
      'store_unavailable',
    ]);
    expect(failureOf(new TackError('sandbox_unavailable', 'No bwrap.'))).toMatchObject({
      type: 'sandbox_unavailable',
      message: 'No bwrap.',
      nonRetryable: true,
    });
  });

  it('that nobody foresaw is tried again as internal, a cancellation stays one', () => {
    expect(failureOf(new RangeError('odd'))).toMatchObject({ type: 'internal', message: 'odd', nonRetryable: false });
    const cancelled = new CancelledFailure('stop');
    expect(failureOf(cancelled)).toBe(cancelled);
  });

  it('is classified by whatever activity throws it', async () => {
    const activities = classified({
      fine: async (n: number) => n + 1,
      bad: async () => Promise.reject(new TackError('auth_failed', 'no')),
    });
    expect(await activities.fine(1)).toBe(2);
    await expect(activities.bad()).rejects.toMatchObject({ type: 'auth_failed', nonRetryable: true });
  });
});
