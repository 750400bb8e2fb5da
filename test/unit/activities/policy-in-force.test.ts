/** What an attempt judges by follows the log of its session: what was set last, and nothing that cannot be read. */
import { describe, expect, it } from 'vitest';
import { createPolicyInForce } from '../../../src/activities/run-turn/policy-in-force.ts';
import { createPolicyFor } from '../../../src/domain/policy/index.ts';
import { AgentConfig } from '../../../src/domain/spec/agent.ts';
import { memoryStore, sha256 } from '../../support/memory-store.ts';
import { aCall } from './an-attempt.ts';

const agent = AgentConfig.parse({ name: 'a', harness: 'scripted' });
const { action } = aCall(1);

async function aSession() {
  const store = memoryStore();
  const policy = createPolicyInForce({ ...store, policyFor: createPolicyFor({ sha256 }), session_id: 'ses_1', agent });
  return {
    policy,
    effect: () => policy.judge(action, []).effect,
    async set(body: unknown) {
      const session_policy = await store.blobs.put(JSON.stringify(body));
      await store.say('ses_1', { type: 'session.updated', data: { session_policy } });
    },
    rename: () => store.say('ses_1', { type: 'session.updated', data: { title: 'Another' } }),
    forget: () =>
      store.say('ses_1', { type: 'session.updated', data: { session_policy: { $blob: 'gone', bytes: 1 } } }),
  };
}
const all = (effect: 'ask' | 'deny') => ({ rules: [{ name: 'all', on: '*', effect, reason: 'Now.' }] });

describe('the policy of a running attempt', () => {
  it('is what was set last, once it was looked at', async () => {
    const session = await aSession();
    expect(session.effect()).toBe('allow');
    await session.set(all('ask'));
    expect(session.effect()).toBe('allow');
    await session.policy.look();
    expect(session.effect()).toBe('ask');
    await session.set(all('deny'));
    await session.rename();
    await session.policy.look();
    expect(session.effect()).toBe('deny');
    await session.set({ rules: [] });
    await session.policy.look();
    expect(session.effect()).toBe('allow');
  });

  it('is found behind a hundred changes of other things, and by whoever looks at the same time', async () => {
    const session = await aSession();
    for (let n = 0; n < 150; n++) await session.rename();
    await session.set(all('ask'));
    await session.set(all('deny'));
    await Promise.all([session.policy.look(), session.policy.look()]);
    expect(session.effect()).toBe('deny');
  });

  it('is no answer when it cannot be read: whoever looked is told, and the next look tries again', async () => {
    const session = await aSession();
    await session.forget();
    await expect(session.policy.look()).rejects.toThrow();
    await session.set({ rules: [{ name: 'x', on: '*', effect: 'allow', reason: 'It loosens.' }] });
    await expect(session.policy.look()).rejects.toThrow();
    await session.set(all('deny'));
    await session.policy.look();
    expect(session.effect()).toBe('deny');
  });
});
