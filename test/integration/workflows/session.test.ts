import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../../src/api/engine/index.ts';
import * as messages from '../../../src/workflows/session/messages.ts';
import { historiesOf } from '../../../src/replay/fetch.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { WORKFLOW_CODE } from '../../../src/worker/bundle.ts';
import { quiet, startFakeHost, type FakeHost } from '../../support/fake-host.ts';
import { ANN, blob, BOB, sha256, stageOf, type Stage } from '../../support/staged-session.ts';
import { until } from '../../support/until.ts';

let server: TestEngine;
let bundle: WorkflowBundleWithSourceMap;
let host: FakeHost;
let open: Stage['open'];
const started: string[] = [];

beforeAll(async () => {
  [server, bundle] = await Promise.all([
    startEngine(),
    bundleWorkflowCode({
      ...WORKFLOW_CODE,
      logger: quiet,
    }),
  ]);
  host = await startFakeHost({ ...server, workflowBundle: bundle });
  const stage = stageOf({ server, host });
  open = (name, more) => {
    started.push(`ses_${name}`);
    return stage.open(name, more);
  };
});
afterAll(async () => {
  await host?.stop();
  await server?.stop();
});

describe('a session', () => {
  it('runs a prompt at once and writes what happened in order', async () => {
    const session = open('simple');
    const { turn_id } = await session.say('hello');
    const turn = await host.nextTurn(session.id);
    expect(turn.input).toMatchObject({ turn_id, attempt: 1, after: null, answers: [], grants: [], grace_s: 120 });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    expect(host.types(session.id)).toEqual([
      'session.created',
      'user.message',
      'turn.started',
      'session.placed',
      'turn.completed',
    ]);
    await session.folds();
  });

  it('answers a repeated prompt with the turn it began, and keeps others in order', async () => {
    const session = open('queue');
    const first = await session.say('one');
    await session.say('two');
    await session.say('three');
    expect(await session.say('one')).toEqual(first);
    const turns = [];
    for (let n = 0; n < 3; n++) {
      const turn = await host.nextTurn(session.id);
      turns.push(turn.input.content);
      turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    }
    expect(turns).toEqual([blob('one'), blob('two'), blob('three')]);
    await host.logged(session.id, 'turn.completed', 3);
    await session.folds();
  });

  it('refuses a prompt to a full queue without history', async () => {
    const session = open('full', { limits: { queue_max: 1 } });
    await session.say('one');
    await session.say('two');
    await expect(session.say('three')).rejects.toMatchObject({ code: 'queue_full' });
    await session.engine.close(session.id, ANN, 'k');
  });

  it('fails a turn without failing the session', async () => {
    const session = open('failing');
    await session.say('one');
    (await host.nextTurn(session.id)).end({ kind: 'failed', code: 'harness_protocol', message: 'broken' });
    await host.logged(session.id, 'turn.failed');
    await session.say('two');
    (await host.nextTurn(session.id)).end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });
});

describe('an approval', () => {
  it('is delivered to the harness that waits', async () => {
    const session = open('held');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    expect((await session.state()).turn?.phase).toBe('held');
    await until('the notice', () => host.notified.includes(approval));
    await session.decide(approval, 'git push');
    const delivery = await until('the delivery', () =>
      host.delivered.find(({ answer }) => answer.approval_id === approval),
    );
    expect(delivery.answer).toMatchObject({
      decision: 'allow_once',
      grant: { scope: 'once', digest: sha256('git push'), rules: ['push'] },
    });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('suspends the turn and resumes it with the answer', async () => {
    const session = open('suspended');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    await host.logged(session.id, 'turn.suspended');
    await session.decide(approval, 'git push');
    const again = await host.nextTurn(session.id);
    expect(again.input).toMatchObject({
      attempt: 2,
      after: 'approval',
      answers: [{ approval_id: approval, decision: 'allow_once' }],
    });
    again.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('goes on at once when the answer came while the turn was being suspended', async () => {
    const session = open('meanwhile');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    await session.decide(approval, 'git push');
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    const again = await host.nextTurn(session.id);
    expect(again.input.answers).toHaveLength(1);
    again.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('tells the second person who was first', async () => {
    const session = open('race');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    const answers = await Promise.allSettled([
      session.decide(approval, 'git push', 'allow_once', ANN),
      session.decide(approval, 'git push', 'deny', BOB),
    ]);
    const lost = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = lost === answers[0] ? 'bob' : 'ann';
    expect(lost.reason).toMatchObject({ code: 'approval_already_resolved', data: { by: { id: winner } } });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('refuses an answer to another digest', async () => {
    const session = open('digest');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    await expect(session.decide(approval, 'git push --force')).rejects.toMatchObject({ code: 'digest_mismatch' });
    await expect(session.decide('apr_none', 'git push')).rejects.toMatchObject({ code: 'approval_not_found' });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
  });

  it('is decided by a Signal that ops typed, as the operator', async () => {
    const session = open('signal');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    const input = JSON.stringify({
      approval_id: approval,
      digest: sha256('git push'),
      decision: 'deny',
      message: 'not on a Friday',
    });
    await server.cli(
      'workflow',
      'signal',
      '-w',
      workflowIdOf(session.id),
      '--name',
      'decide_approval',
      '--input',
      input,
    );
    const [resolved] = await host.logged(session.id, 'approval.resolved');
    expect(resolved).toMatchObject({
      actor: { type: 'operator' },
      via: 'signal',
      data: { decision: 'deny', message: blob('not on a Friday') },
    });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it.each([
    ['of nothing known', { approval_id: 'apr_none', digest: 'x', decision: 'deny' }, 'approval_not_found'],
    ['with a word that is no decision', { approval_id: 'apr_none', digest: 'x', decision: 'yes' }, 'decision_invalid'],
    ['without a body', 'approve!', 'decision_invalid'],
  ])('logs and drops a Signal %s', async (_title, payload, code) => {
    const session = open(`badsignal${code}${JSON.stringify(payload).length}`);
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    await server.client.workflow.getHandle(workflowIdOf(session.id)).signal(messages.decideSignal, payload as never);
    expect((await host.logged(session.id, 'error.raised'))[0]?.data).toMatchObject({ code });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
  });

  it.each([
    ['first to last', [0, 1]],
    ['last to first', [1, 0]],
  ])('of two is answered %s before the turn goes on', async (title, order) => {
    const session = open(`two${order.join('')}`);
    await session.say(title);
    const turn = await host.nextTurn(session.id);
    const questions = ['git push', 'npm publish'];
    const asked = [await session.ask(turn, 'git push'), await session.ask(turn, 'npm publish')];
    turn.end({ kind: 'suspended', approval_ids: asked });
    await host.logged(session.id, 'turn.suspended');
    await session.decide(asked[order[0]!]!, questions[order[0]!]!);
    expect((await session.state()).turn?.phase).toBe('suspended');
    await session.decide(asked[order[1]!]!, questions[order[1]!]!, 'deny');
    const again = await host.nextTurn(session.id);
    expect(again.input.answers.map(({ decision }) => decision).toSorted()).toEqual(['allow_once', 'deny']);
    again.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('that is denied with a stop ends the turn', async () => {
    const session = open('denystop');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    await host.logged(session.id, 'turn.suspended');
    await session.decide(approval, 'git push', 'deny_and_stop');
    await host.logged(session.id, 'turn.cancelled');
    await session.folds();
  });

  it('keeps a lasting grant once the decision is in the log', async () => {
    const session = open('always');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push', { grantable: 'always' });
    await session.engine.decideApproval(
      session.id,
      {
        approval_id: approval,
        digest: sha256('git push'),
        decision: 'allow_always',
        pattern: { on: 'git.push' },
        grant_id: 'grt_always',
        ...ANN,
      },
      'k',
    );
    await until('the grant', () => host.grants.some(({ grant_id }) => grant_id === 'grt_always'));
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.engine.revokeGrant(session.id, { grant_id: 'grt_always', ...ANN }, 'back');
    expect(host.types(session.id)).toContain('grant.revoked'); // it was in the log before the answer
    await until('the store to forget it', () => host.revoked.includes('grt_always'));
    expect((await session.state()).grants).toEqual([]);
    await expect(
      session.engine.revokeGrant(session.id, { grant_id: 'grt_always', ...ANN }, 'once more'),
    ).rejects.toMatchObject({ code: 'grant_not_found' });
    await session.folds();
  });

  it('that lasts is taken back by a Signal, too; one that nobody gave is an error in the log', async () => {
    const session = open('revoked by signal');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    const decision = { decision: 'allow_session', pattern: { on: 'git.push' }, grant_id: 'grt_session' } as const;
    await session.engine.decideApproval(
      session.id,
      { approval_id: approval, digest: sha256('git push'), ...decision, ...ANN },
      'k',
    );
    const handle = server.client.workflow.getHandle(workflowIdOf(session.id));
    for (const grant_id of ['grt_session', 'grt_none']) await handle.signal(messages.revokeSignal, { grant_id });
    expect((await host.logged(session.id, 'grant.revoked'))[0]).toMatchObject({
      actor: { type: 'operator' },
      via: 'signal',
      data: { grant_id: 'grt_session', approval_id: approval, scope: 'session' },
    });
    expect((await host.logged(session.id, 'error.raised'))[0]?.data).toMatchObject({ code: 'grant_not_found' });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('that nobody answers pauses the turn, and can be asked again', async () => {
    const session = open('expires');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push', { expires_in_s: 1 });
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    expect((await host.logged(session.id, 'approval.resolved'))[0]?.data).toMatchObject({ outcome: 'expired' });
    expect((await session.state()).turn?.phase).toBe('expired');
    await expect(session.decide(approval, 'git push')).rejects.toMatchObject({ code: 'approval_expired' });
    await session.engine.askAgain(session.id, { approval_id: approval, new_approval_id: 'apr_again', ...ANN }, 'again');
    expect((await session.state()).turn?.phase).toBe('suspended');
    await session.decide('apr_again', 'git push');
    const resumed = await host.nextTurn(session.id);
    resumed.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('that nobody answers is a deny where the rule says so', async () => {
    const session = open('expiresdeny');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push', { expires_in_s: 1, on_expiry: 'deny' });
    const delivery = await until('the delivery', () =>
      host.delivered.find(({ answer }) => answer.approval_id === approval),
    );
    expect(delivery.answer).toMatchObject({ decision: 'deny', actor: { type: 'policy' } });
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('is heard by an attempt that asks once more when it is in the log, and not before', async () => {
    const session = open('unlogged');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    await host.logged(session.id, 'approval.requested');
    host.logIsDown = true;
    await session.decide(approval, 'git push');
    const known = session.ask(turn, 'git push').then(() => host.types(session.id));
    await session.say('more'); // taken after the question
    host.logIsDown = false;
    expect(await known).toContain('approval.resolved');
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await session.folds();
  });

  it('survives a lost host: the next attempt asks the same', async () => {
    const session = open('lost');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    const { ApplicationFailure } = await import('@temporalio/common');
    turn.fail(ApplicationFailure.nonRetryable('gone', 'host_lost'));
    const again = await host.nextTurn(session.id);
    expect(again.input).toMatchObject({ after: 'host_lost', attempt: 2 });
    expect(again.host).not.toBe(turn.host);
    expect(await session.ask(again, 'git push')).toBe(approval);
    await session.decide(approval, 'git push');
    again.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });
});

describe('a policy that is set', () => {
  const policy = { policy_version: 'p2', policy: blob('stricter'), ...ANN };

  it('is in the log and told to the running turn before the answer comes', async () => {
    const session = open('policy');
    const { turn_id } = await session.say('work');
    const turn = await host.nextTurn(session.id);
    await host.logged(session.id, 'session.placed');
    host.logIsDown = true;
    let answered = false;
    const set = session.engine.setPolicy(session.record, policy, 'k').then(() => (answered = true));
    await until('the command', async () => (await session.state()).policy_version === 'p2');
    expect([answered, host.policies.includes(turn_id)]).toEqual([false, false]);
    host.logIsDown = false;
    await set;
    expect([host.types(session.id).at(-1), host.policies.includes(turn_id)]).toEqual(['session.updated', true]);
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('is recorded where no turn runs, also before the first message', async () => {
    const session = open('policyfirst');
    await session.engine.setPolicy(session.record, policy, 'k');
    expect(host.types(session.id)).toEqual(['session.created', 'session.updated']);
    await session.folds();
    await session.engine.close(session.id, ANN, 'c');
    await server.client.workflow.getHandle(workflowIdOf(session.id)).result();
    await expect(session.engine.setPolicy(session.record, policy, 'k2')).rejects.toMatchObject({
      code: 'session_closed',
    });
  });
});

describe('a stop', () => {
  it('kills the running turn; the queue goes on', async () => {
    const session = open('interrupt');
    const { turn_id } = await session.say('long');
    await session.say('next');
    const turn = await host.nextTurn(session.id);
    expect(await session.engine.interrupt(session.id, ANN, 'k')).toEqual({ stopped: true });
    await turn.cancelled;
    await until('the kill', () => host.killed.includes(turn_id));
    await host.logged(session.id, 'turn.cancelled');
    (await host.nextTurn(session.id)).end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    expect(await session.engine.interrupt(session.id, ANN, 'k2')).toEqual({ stopped: false });
    await session.folds();
  });

  it('takes effect while the log is down', async () => {
    const session = open('logdown');
    await session.say('long');
    const turn = await host.nextTurn(session.id);
    host.logIsDown = true;
    await session.engine.interrupt(session.id, ANN, 'k');
    await turn.cancelled;
    host.logIsDown = false;
    await host.logged(session.id, 'turn.cancelled');
    await session.folds();
  });

  it('closes a suspended session, and what comes later hears that it has ended', async () => {
    const session = open('close');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    await host.logged(session.id, 'turn.suspended');
    await session.engine.close(session.id, ANN, 'k');
    await host.logged(session.id, 'session.closed');
    await server.client.workflow.getHandle(workflowIdOf(session.id)).result();
    await expect(session.say('more')).rejects.toMatchObject({ code: 'session_closed' });
    await expect(session.decide(approval, 'git push')).rejects.toMatchObject({ code: 'session_closed' });
    await expect(
      session.engine.decideApproval(
        'ses_none',
        { approval_id: approval, digest: 'x', decision: 'deny', grant_id: 'g', ...ANN },
        'x',
      ),
    ).rejects.toMatchObject({ code: 'session_not_found' });
    expect(await session.engine.interrupt(session.id, ANN, 'k3')).toEqual({ stopped: false });
    await session.engine.close(session.id, ANN, 'k4');
  });

  it('closes a running session by the Signal of a parent', async () => {
    const session = open('closesignal');
    await session.say('long');
    const turn = await host.nextTurn(session.id);
    await server.client.workflow
      .getHandle(workflowIdOf(session.id))
      .signal(messages.closeSignal, { actor: { type: 'system', id: 'run' }, via: null, reason: 'task ended' });
    await turn.cancelled;
    await server.client.workflow.getHandle(workflowIdOf(session.id)).result();
    expect(host.types(session.id).slice(-2).toSorted()).toEqual(['session.closed', 'turn.cancelled']);
  });
});

describe('a steer', () => {
  it('goes into the running turn', async () => {
    const session = open('steer');
    const { turn_id } = await session.say('work');
    const turn = await host.nextTurn(session.id);
    await host.logged(session.id, 'session.placed');
    expect(await session.say('faster', 'steer')).toEqual({ turn_id });
    await until('the steer', () => host.steered.includes(blob('faster').$blob));
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('that the harness did not take becomes the next turn', async () => {
    const session = open('steermissed');
    await session.say('work');
    const turn = await host.nextTurn(session.id);
    host.takesSteers = false;
    await session.say('faster', 'steer');
    await host.logged(session.id, 'queue.updated');
    host.takesSteers = true;
    turn.end({ kind: 'completed', stop_reason: 'end_turn' });
    const next = await host.nextTurn(session.id);
    expect(next.input.content).toEqual(blob('faster'));
    next.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed', 2);
    await session.folds();
  });
});

describe('a long session', () => {
  it('goes on in a new activity when the turn moved', async () => {
    const session = open('moved');
    await session.say('work');
    (await host.nextTurn(session.id)).end({ kind: 'moved' });
    const again = await host.nextTurn(session.id);
    expect(again.input).toMatchObject({ after: 'moved', attempt: 2 });
    again.end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('changes runs while it is suspended, and is answered in the new run', async () => {
    const session = open('rollsuspended', { roll_after_events: 20 });
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval = await session.ask(turn, 'git push');
    const first = await server.client.workflow.getHandle(workflowIdOf(session.id)).describe();
    turn.end({ kind: 'suspended', approval_ids: [approval] });
    await until(
      'a new run',
      async () => (await server.client.workflow.getHandle(workflowIdOf(session.id)).describe()).runId !== first.runId,
    );
    await session.decide(approval, 'git push');
    (await host.nextTurn(session.id)).end({ kind: 'completed', stop_reason: 'end_turn' });
    await host.logged(session.id, 'turn.completed');
    await session.folds();
  });

  it('loses and doubles nothing while it changes runs under load', async () => {
    const session = open('rollload', { roll_after_events: 30 });
    const said = Array.from({ length: 30 }, (_, n) => `message ${n}`);
    const playing = (async () => {
      const seen = [];
      for (const _ of said) {
        const turn = await host.nextTurn(session.id);
        seen.push(turn.input.turn_id);
        turn.end({ kind: 'completed', stop_reason: 'end_turn' });
      }
      return seen;
    })();
    const acknowledged = [];
    for (const text of said) acknowledged.push((await session.say(text)).turn_id);
    expect((await playing).toSorted()).toEqual(acknowledged.toSorted());
    await host.logged(session.id, 'turn.completed', said.length);
    expect(host.types(session.id).filter((type) => type === 'user.message')).toHaveLength(said.length);
    await session.folds();
  });

  it('notes what a person did with the work once', async () => {
    const session = open('note');
    await session.say('work');
    (await host.nextTurn(session.id)).end({ kind: 'completed', stop_reason: 'end_turn' });
    const note = { what: 'applied', commit: 'a'.repeat(40), branch: 'tack/x', ...ANN } as const;
    await session.engine.noteWork(session.id, note, 'note-1');
    await session.engine.noteWork(session.id, note, 'note-1');
    await host.logged(session.id, 'work.applied');
    await session.engine.close(session.id, ANN, 'k');
    await server.client.workflow.getHandle(workflowIdOf(session.id)).result();
    expect(host.types(session.id).filter((type) => type === 'work.applied')).toHaveLength(1);
  });
});

async function listOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('every history', () => {
  it('of a session that changed runs is read: each run of its chain, the closed ones, too', async () => {
    const runs = await listOf(historiesOf(server.client, 'ses_rollload'));
    const listed = await listOf(server.client.workflow.list({ query: 'WorkflowId = "session/ses_rollload"' }));
    expect(listed.length).toBeGreaterThan(2);
    expect(runs.map(({ run_id }) => run_id).toSorted()).toEqual(listed.map(({ runId }) => runId).toSorted());
    expect(runs.filter(({ events }) => events.at(-1)?.eventType.includes('CONTINUED_AS_NEW'))).toHaveLength(
      runs.length - 1,
    );
  });

  it('replays against the code of now', async () => {
    const histories = [];
    for (const id of started) {
      for await (const { runId } of server.client.workflow.list({ query: `WorkflowId = '${workflowIdOf(id)}'` })) {
        const history = await server.client.workflow.getHandle(workflowIdOf(id), runId).fetchHistory();
        histories.push({ workflowId: workflowIdOf(id), history: JSON.parse(historyToJSON(history)) });
      }
    }
    expect(histories.length).toBeGreaterThanOrEqual(started.length);
    for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, histories))
      expect(result.error, result.workflowId).toBeUndefined();
  }, 120_000);
});
