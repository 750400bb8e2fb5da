import { describe, expect, it } from 'vitest';
import { createLatches } from '../../../../src/harnesses/claude-code/latches.ts';
import type { ControlRequest } from '../../../../src/harnesses/claude-code/schema.ts';
import type { Gate, GateCall } from '../../../../src/harnesses/contract.ts';

type Request = ControlRequest['request'];
const hook = (id: string, input: Record<string, unknown> = { command: 'ls' }, more = {}): Request => ({
  subtype: 'hook_callback',
  callback_id: 'gate',
  input: { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: input, tool_use_id: id, ...more },
});
const latch = (id: string, input: Record<string, unknown> = { command: 'ls' }): Request => ({
  subtype: 'can_use_tool',
  tool_name: 'Bash',
  input,
  tool_use_id: id,
});
const open = (before = async () => {}) =>
  createLatches({
    toAction: ({ name, input }) => ({ kind: 'tool.other', cwd: '/', tool: name, input }),
    itemOf: (id) => `itm_${id}`,
    before,
  });
const counting = (gate: Gate) => {
  const calls: GateCall[] = [];
  return { calls, gate: ((call) => (calls.push(call), gate(call))) satisfies Gate };
};
const allow: Gate = async () => ({ effect: 'allow' });
const deny: Gate = async () => ({ effect: 'deny', reason: 'R7', stop: true });
const decision = (answer: Readonly<Record<string, unknown>>) => answer['hookSpecificOutput'];

describe('the two latches', () => {
  it('ask the gate once, and answer both as it says', async () => {
    const { calls, gate } = counting(allow);
    const latches = open();
    expect(decision(await latches.answer(hook('t1'), gate))).toEqual({
      hookEventName: 'PreToolUse',
      permissionDecision: 'allow',
    });
    expect(await latches.answer(latch('t1'), gate)).toEqual({ behavior: 'allow', updatedInput: { command: 'ls' } });
    expect(calls).toHaveLength(1);
    expect(latches.wasAllowed('t1')).toBe(true);
  });

  it('deny with the reason of the gate, and stop when it says so', async () => {
    const latches = open();
    expect(decision(await latches.answer(hook('t1'), deny))).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: 'R7',
    });
    expect(await latches.answer(latch('t1'), deny)).toEqual({ behavior: 'deny', message: 'R7', interrupt: true });
    expect(latches.wasAllowed('t1')).toBe(false);
  });

  it('ask again when the hook does: a model that gives two calls one id has made two calls', async () => {
    const { calls, gate } = counting(allow);
    const latches = open();
    for (const _ of [1, 2]) {
      await latches.answer(hook('call_0'), gate);
      await latches.answer(latch('call_0'), gate);
    }
    expect(calls).toHaveLength(2);
    expect(decision(await latches.answer(hook('call_0'), deny))).toMatchObject({ permissionDecision: 'deny' });
    expect(await latches.answer(latch('call_0'), allow)).toMatchObject({ behavior: 'deny' });
  });

  it('judge anew what the second one brings with another input, or for the first time', async () => {
    const { calls, gate } = counting(async ({ input }) =>
      JSON.stringify(input).includes('rm') ? { effect: 'deny', reason: 'no' } : { effect: 'allow' },
    );
    const latches = open();
    await latches.answer(hook('t1'), gate);
    expect(await latches.answer(latch('t1', { command: 'rm -rf /' }), gate)).toMatchObject({ behavior: 'deny' });
    expect(await latches.answer(latch('t2'), gate)).toMatchObject({ behavior: 'allow' });
    expect(calls).toHaveLength(3);
    expect(latches.wasAllowed('t1')).toBe(false);
  });

  it.each([
    ['breaks', () => Promise.reject(new Error('out')), undefined],
    ['may not begin', allow, () => Promise.reject(new Error('not archived'))],
  ] as const)('deny when the gate %s', async (_, gate, before) => {
    const latches = open(before);
    expect(decision(await latches.answer(hook('t1'), gate))).toMatchObject({ permissionDecision: 'deny' });
    expect(await latches.answer(latch('t1'), gate)).toMatchObject({ behavior: 'deny' });
  });

  it('deny when no turn runs, and remember nothing of it', async () => {
    const latches = open();
    expect(decision(await latches.answer(hook('t1'), null))).toMatchObject({ permissionDecision: 'deny' });
    expect(decision(await latches.answer(hook('t1'), allow))).toMatchObject({ permissionDecision: 'allow' });
  });

  it("hand over a person's answer, whichever input Claude Code asks with the second time", async () => {
    const questions = [{ question: 'Which?' }];
    const answered = { questions, answers: { 'Which?': 'this' } };
    for (const given of ['this', { 'Which?': 'this' }])
      for (const again of [{ questions }, answered]) {
        const { calls, gate } = counting(async () => ({ effect: 'allow', input: given }));
        const latches = open();
        expect(decision(await latches.answer(hook('t1', { questions }), gate))).toMatchObject({
          updatedInput: answered,
        });
        expect(await latches.answer(latch('t1', again), gate)).toEqual({ behavior: 'allow', updatedInput: answered });
        expect(calls).toHaveLength(1);
      }
  });

  it('know which calls of the main conversation wait, and where its shell stands', async () => {
    const latches = open();
    const answer = Promise.withResolvers<{ effect: 'allow' }>();
    const waiting = [
      latches.answer(hook('t1', {}, { cwd: '/a' }), () => answer.promise),
      latches.answer(hook('t2', {}, { cwd: '/b', agent_id: 'x' }), () => answer.promise),
    ];
    expect(latches.open()).toEqual(['t1']);
    expect(latches.cwd()).toBe('/a');
    answer.resolve({ effect: 'allow' });
    await Promise.all(waiting);
    expect(latches.open()).toEqual([]);
  });
});
