/** Every call is judged before it runs, and nothing is answered before it is in the log. */
import { describe, expect, it } from 'vitest';
import { TackError } from '../../../src/domain/errors.ts';
import type { GateCall } from '../../../src/harnesses/contract.ts';
import { aCall, ALLOWS, ASKS, aTurn, DENIES, isOpen, QUESTION, type Policy } from './an-attempt.ts';

const ASKED = ['policy.evaluated', 'approval.requested'];
const GRANTED = ['approval.resolved', 'grant.created', 'grant.used', 'agent.tool_use'];

describe('the gate', () => {
  it('logs the evaluation and the start of a call before it lets the call run', async () => {
    const turn = await aTurn();
    turn.setPolicy(ALLOWS);
    const { gate } = await turn.attempt();
    expect(await gate(aCall(1))).toEqual({ effect: 'allow' });
    expect(await turn.log()).toEqual(['policy.evaluated', 'agent.tool_use']);
  });

  it('gives the reason and the rule with a deny, and the call leaves no sign of a start', async () => {
    const turn = await aTurn();
    turn.setPolicy(DENIES);
    const { gate } = await turn.attempt();
    expect(await gate(aCall(1))).toEqual({ effect: 'deny', reason: 'Not here. (rule no)' });
    expect(await turn.log()).toEqual(['policy.evaluated']);
  });

  it('logs evaluation, question, answer, grant, its use and the start in this order', async () => {
    const turn = await aTurn();
    const { gate, openQuestions } = await turn.attempt();
    const answer = gate(aCall(1));
    const { approval_id } = await turn.pending();
    expect([await turn.log(), await isOpen(answer), openQuestions()]).toEqual([ASKED, true, [approval_id]]);
    await turn.answer(approval_id);
    expect(await answer).toEqual({ effect: 'allow' });
    expect([await turn.log(), openQuestions()]).toEqual([[...ASKED, ...GRANTED], []]);
    const [use, start] = await turn.events('grant.used', 'agent.tool_use');
    expect([use?.data['approval_id'], start?.data['approval_id'], start?.data['tool_use_id']]).toEqual([
      approval_id,
      approval_id,
      'call_1',
    ]);
  });

  it('answers nothing when the log refuses the event, and ends the attempt', async () => {
    const turn = await aTurn();
    turn.setPolicy(ALLOWS);
    const attempt = await turn.attempt();
    attempt.failAppends(new TackError('store_stale_epoch', 'A newer attempt writes.'));
    await expect(attempt.gate(aCall(1))).rejects.toThrow('A newer attempt writes.');
    expect(await turn.log()).toEqual([]);
  });

  it('judges what a harness asks as often as it asks: the id of a call is the harness’s word', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const first = gate(aCall(1));
    await turn.answer((await turn.pending()).approval_id);
    expect(await first).toEqual({ effect: 'allow' });
    const same = gate(aCall(1));
    await turn.pending();
    expect([await isOpen(same), (await turn.events('agent.tool_use')).length]).toEqual([true, 1]);
  });

  it('judges a call again when its second latch shows another action', async () => {
    const turn = await aTurn();
    turn.setPolicy((script) => (script === 'make deploy' ? ALLOWS(script) : DENIES(script)));
    const { gate } = await turn.attempt();
    const rewritten = aCall(1, { action: { ...aCall(1).action, script: 'rm -rf /' } as never });
    expect([await gate(aCall(1)), await gate(rewritten)]).toMatchObject([{ effect: 'allow' }, { effect: 'deny' }]);
  });

  it('lets one allow for once through one of two calls alike that wait together, and asks again for the other', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const answers = [gate(aCall(1)), gate(aCall(2))];
    const first = await turn.pending();
    await turn.answer(first.approval_id);
    const second = await turn.pending();
    expect(second.approval_id).not.toBe(first.approval_id);
    expect((await Promise.all(answers.map(isOpen))).filter(Boolean)).toHaveLength(1);
    await turn.answer(second.approval_id, { decision: 'deny' });
    expect((await Promise.all(answers)).map(({ effect }) => effect).toSorted()).toEqual(['allow', 'deny']);
    expect(await turn.events('agent.tool_use')).toHaveLength(1);
  });

  it('asks again for the same call once its allow is used up', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const first = gate(aCall(1));
    await turn.answer((await turn.pending()).approval_id);
    await first;
    const again = gate(aCall(2));
    await turn.answer((await turn.pending()).approval_id);
    expect(await again).toEqual({ effect: 'allow' });
    expect(new Set(turn.requests.map(({ approval_id }) => approval_id)).size).toBe(2);
  });

  it('lets calls pass by a longer allow, and asks again about the very next one after it was taken back', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const first = gate(aCall(1));
    const pattern = { on: 'shell.exec', commands: ['make'] };
    await turn.answer((await turn.pending()).approval_id, { decision: 'allow_session', pattern });
    expect([await first, await gate(aCall(2))]).toEqual([{ effect: 'allow' }, { effect: 'allow' }]);
    const [grant] = turn.state().grants;
    await turn.revoke(grant?.grant_id ?? '');
    const next = gate(aCall(3));
    await turn.answer((await turn.pending()).approval_id, { decision: 'deny' });
    expect([await next, turn.requests.length]).toMatchObject([{ effect: 'deny' }, 2]);
    const { gate: later } = await turn.attempt();
    const again = later(aCall(4));
    await turn.answer((await turn.pending()).approval_id, { decision: 'deny' });
    expect(await again).toMatchObject({ effect: 'deny' });
  });

  it('takes the words of a refusal to the agent, and says when the turn stops with it', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const refused = gate(aCall(1));
    await turn.answer((await turn.pending()).approval_id, { decision: 'deny', words: 'Use the staging database.' });
    expect(await refused).toEqual({ effect: 'deny', reason: 'Use the staging database.' });
    const stopped = gate(aCall(2));
    await turn.answer((await turn.pending()).approval_id, { decision: 'deny_and_stop' });
    expect(await stopped).toEqual({ effect: 'deny', reason: 'Refused by user:anna.', stop: true });
    expect(await turn.events('agent.tool_use')).toEqual([]);
  });

  it('hands the answer to a question over, and only for this call', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const answer = gate(aCall(1, QUESTION));
    await turn.answer((await turn.pending()).approval_id, { decision: 'answer', words: '{"colour":"red"}' });
    expect(await answer).toEqual({ effect: 'allow', input: { colour: 'red' } });
    expect(await turn.log()).toEqual([...ASKED, 'approval.resolved', 'agent.tool_use']);
    const again = gate(aCall(2, QUESTION));
    expect(await turn.pending()).toMatchObject({ kind: 'question' });
    expect(await isOpen(again)).toBe(true);
  });
});

describe('a file that changes while its call is held', () => {
  const withFile = (blob: string) =>
    ({ ...aCall(1).action, files: [{ path: '/home/agent/work/deploy.sh', blob }] }) as GateCall['action'];

  it('makes it another call: what the person allowed does not run, and they are asked about the new one', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    let blob = 'shown';
    const answer = gate(aCall(1, { action: withFile(blob), asOfNow: () => withFile(blob) }));
    const { approval_id, digest } = await turn.pending();
    blob = 'rewritten';
    await turn.answer(approval_id);
    const anew = await turn.pending();
    expect([anew.digest === digest, await isOpen(answer)]).toEqual([false, true]);
    expect(await turn.events('grant.used', 'agent.tool_use')).toEqual([]);
    await turn.answer(anew.approval_id);
    expect(await answer).toEqual({ effect: 'allow' });
    const [use, start] = await turn.events('grant.used', 'agent.tool_use');
    for (const event of [use, start]) expect(event?.data['action']).toMatchObject({ digest: anew.digest });
  });

  it('changes nothing when it is as it was, or when the call is refused anyway', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const asOfNow = () => withFile('shown');
    const answer = gate(aCall(1, { action: asOfNow(), asOfNow }));
    await turn.answer((await turn.pending()).approval_id);
    expect(await answer).toEqual({ effect: 'allow' });
    const refused = gate(aCall(2, { action: asOfNow(), asOfNow: () => withFile('rewritten') }));
    await turn.answer((await turn.pending()).approval_id, { decision: 'deny', words: 'No.' });
    expect(await refused).toEqual({ effect: 'deny', reason: 'No.' });
  });
});

describe('a policy that changes while a call is held', () => {
  it('denies what it denies now, whatever the person said', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const answer = gate(aCall(1));
    const { approval_id } = await turn.pending();
    turn.setPolicy(DENIES);
    await turn.answer(approval_id);
    expect(await answer).toEqual({ effect: 'deny', reason: 'Not here. (rule no)' });
    expect(await turn.events('grant.used', 'agent.tool_use')).toEqual([]);
  });

  it('asks anew when another rule asks that the person was not shown', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const answer = gate(aCall(1));
    const { approval_id } = await turn.pending();
    const stricter: Policy = () => ({ effect: 'ask', rules: [{ name: 'commands' }, { name: 'deploys' }] });
    turn.setPolicy(stricter);
    await turn.answer(approval_id);
    const anew = await turn.pending();
    expect(anew.rules).toEqual(['commands', 'deploys']);
    expect(await turn.events('agent.tool_use')).toEqual([]);
    await turn.answer(anew.approval_id);
    expect(await answer).toEqual({ effect: 'allow' });
    expect(await turn.events('agent.tool_use')).toHaveLength(1);
  });
});

describe('an attempt that ends', () => {
  it('leaves the call unanswered when nobody answers within the grace, and names what waits', async () => {
    const turn = await aTurn({ grace_s: 0 });
    const attempt = await turn.attempt();
    const answer = attempt.gate(aCall(1));
    expect(await attempt.control.cut).toEqual({ kind: 'suspend' });
    const { approval_id } = await turn.pending();
    expect([await isOpen(answer), attempt.openQuestions()]).toEqual([true, [approval_id]]);
  });

  it('takes the shortest grace of the rules that ask', async () => {
    const turn = await aTurn();
    turn.setPolicy(() => ({ effect: 'ask', rules: [{ name: 'slow' }, { name: 'quick', grace_s: 0 }] }));
    const attempt = await turn.attempt();
    void attempt.gate(aCall(1));
    expect(await attempt.control.cut).toEqual({ kind: 'suspend' });
  });

  it('holds no call beyond the deadline of its approval, unless that is a deny, which the harness hears', async () => {
    const turn = await aTurn();
    const rule = { name: 'brief', expires_in_s: 0.001 };
    turn.setPolicy(() => ({ effect: 'ask', rules: [rule] }));
    const attempt = await turn.attempt();
    void attempt.gate(aCall(1));
    expect(await attempt.control.cut).toEqual({ kind: 'suspend' });
    const denied = await aTurn();
    denied.setPolicy(() => ({ effect: 'ask', rules: [{ ...rule, on_expiry: 'deny' }] }));
    const other = await denied.attempt();
    const answer = other.gate(aCall(1));
    const { approval_id } = await denied.pending();
    await denied.answer(approval_id);
    expect([await answer, other.control.isCut()]).toEqual([{ effect: 'allow' }, false]);
  });

  it('answers no call any more, also not one whose start was just logged', async () => {
    const turn = await aTurn();
    turn.setPolicy(ALLOWS);
    const attempt = await turn.attempt();
    attempt.beforeAppend(() => attempt.control.end({ kind: 'stop' }));
    expect([await isOpen(attempt.gate(aCall(1))), await isOpen(attempt.gate(aCall(2)))]).toEqual([true, true]);
    expect(await turn.log()).toEqual(['policy.evaluated', 'agent.tool_use']);
  });

  it('moves at the next call when it has lasted too long: that call is neither judged nor answered', async () => {
    const turn = await aTurn();
    turn.setPolicy(ALLOWS);
    const attempt = await turn.attempt();
    attempt.mustMove = true;
    const answer = attempt.gate(aCall(1));
    expect([await attempt.control.cut, await isOpen(answer), await turn.log()]).toEqual([{ kind: 'move' }, true, []]);
  });
});

describe('the attempt after', () => {
  it('lets the approved call through once, under the answer given while nothing ran', async () => {
    const turn = await aTurn({ grace_s: 0 });
    const first = await turn.attempt();
    void first.gate(aCall(1));
    await first.control.cut;
    const { approval_id } = await turn.pending();
    await turn.end({ kind: 'suspended', approval_ids: first.openQuestions() });
    await turn.answer(approval_id);
    await turn.place();

    const second = await turn.attempt();
    expect(second.note).toContain('Your call `make deploy` was approved by user:anna: run exactly it again.');
    expect(await second.gate(aCall(2))).toEqual({ effect: 'allow' });
    expect((await turn.log()).slice(-3)).toEqual(['policy.evaluated', 'grant.used', 'agent.tool_use']);
    void second.gate(aCall(3));
    expect((await turn.pending()).approval_id).not.toBe(approval_id); // used up: the same call again is a new question
    expect(await turn.events('agent.tool_use')).toHaveLength(1);
  });

  it('asks the same question under the same id when the one before was lost while it held', async () => {
    const turn = await aTurn();
    void (await turn.attempt()).gate(aCall(1));
    const { approval_id } = await turn.pending();
    await turn.end({ kind: 'lost', host: 'host-1' });
    await turn.place();
    const { gate, note } = await turn.attempt();
    expect(note).toContain('still waits for an approval: run exactly it again');
    const answer = gate(aCall(2));
    expect((await turn.pending()).approval_id).toBe(approval_id);
    await isOpen(answer);
    await turn.answer(approval_id);
    expect(await answer).toEqual({ effect: 'allow' });
  });

  it('holds what it asks again until the deadline of the first time: held beyond it, its expiry would count as missed', async () => {
    const turn = await aTurn();
    turn.setPolicy(() => ({ effect: 'ask', rules: [{ name: 'commands', expires_in_s: 600 }] }));
    void (await turn.attempt()).gate(aCall(1));
    await turn.pending();
    await turn.end({ kind: 'lost', host: 'host-1' });
    await turn.place();
    turn.passes(600);
    const { gate, control } = await turn.attempt();
    void gate(aCall(2));
    expect(await control.cut).toEqual({ kind: 'suspend' });
  });

  it('finds the answer unused that came when the harness had just ended by itself', async () => {
    const turn = await aTurn();
    const first = await turn.attempt();
    const lost = first.gate(aCall(1));
    const { approval_id } = await turn.pending();
    await isOpen(lost);
    first.control.close();
    await turn.answer(approval_id);
    expect([await isOpen(lost), await turn.events('grant.used')]).toEqual([true, []]);

    const second = await turn.attempt();
    expect(second.note).toContain('Your call `make deploy` was approved by user:anna: run exactly it again.');
    expect(await second.gate(aCall(2))).toEqual({ effect: 'allow' });
  });

  it('does not run a call again whose worker died between the use of the grant and the answer', async () => {
    const turn = await aTurn();
    const first = await turn.attempt();
    const lost = first.gate(aCall(1));
    const { approval_id } = await turn.pending();
    await turn.answer(approval_id);
    await lost; // it died here: the harness never heard it
    await turn.end({ kind: 'lost', host: 'host-1' });
    await turn.place();

    const second = await turn.attempt();
    expect(second.note).toContain('Your call `make deploy` was started, and its result is unknown');
    expect(second.note).not.toContain('was approved');
    const again = second.gate(aCall(2));
    const asked = await turn.pending();
    expect([asked.approval_id === approval_id, await isOpen(again)]).toEqual([false, true]);
    expect(await turn.events('grant.used')).toHaveLength(1);
  });

  it('asks about a call again that was refused, and tells the model so', async () => {
    const turn = await aTurn({ grace_s: 0 });
    const first = await turn.attempt();
    void first.gate(aCall(1));
    await first.control.cut;
    const { approval_id } = await turn.pending();
    await turn.end({ kind: 'suspended', approval_ids: first.openQuestions() });
    await turn.answer(approval_id, { decision: 'deny', words: 'Never on a Friday.' });
    await turn.place();
    const second = await turn.attempt();
    expect(second.note).toContain('Your call `make deploy` was refused by user:anna: Never on a Friday.');
    void second.gate(aCall(2));
    expect((await turn.pending()).approval_id).not.toBe(approval_id);
  });

  it('gives a harness that plays its calls again the refusal of before: nobody is asked twice about one call', async () => {
    const turn = await aTurn({ grace_s: 0 });
    const first = await turn.attempt();
    void first.gate(aCall(1));
    await first.control.cut;
    const { approval_id } = await turn.pending();
    await turn.end({ kind: 'suspended', approval_ids: first.openQuestions() });
    await turn.answer(approval_id, { decision: 'deny', words: 'Never on a Friday.' });
    await turn.place();
    const second = await turn.attempt();
    const other = aCall(1, { action: { ...aCall(1).action, script: 'make clean' } as never });
    expect(await second.gate(aCall(1))).toEqual({ effect: 'deny', reason: 'Never on a Friday.' });
    expect(turn.requests).toHaveLength(1);
    void second.gate(other); // the same id, another action
    expect((await turn.pending()).approval_id).not.toBe(approval_id);
    expect(turn.requests).toHaveLength(2);
  });

  it('hands over the answer to a question that nobody waited for any more', async () => {
    const turn = await aTurn({ grace_s: 0 });
    const first = await turn.attempt();
    void first.gate(aCall(1, QUESTION));
    await first.control.cut;
    const { approval_id } = await turn.pending();
    await turn.end({ kind: 'suspended', approval_ids: first.openQuestions() });
    await turn.answer(approval_id, { decision: 'answer', words: '"blue"' });
    await turn.place();
    const second = await turn.attempt();
    expect(await second.gate(aCall(2, QUESTION))).toEqual({ effect: 'allow', input: 'blue' });
  });
});

describe('a stop', () => {
  it('refuses questions: the call is not answered with an allow', async () => {
    const turn = await aTurn();
    turn.setPolicy(ASKS);
    const { gate } = await turn.attempt();
    await turn.end({ kind: 'cancelled' });
    await expect(gate(aCall(1))).rejects.toMatchObject({ code: 'turn_over' });
    expect(await turn.events('agent.tool_use')).toEqual([]);
  });
});
