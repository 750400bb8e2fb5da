/** A session's life through the whole of Tackroom: real roles, real engine, real sandbox; the scripted harness plays the agent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fold } from '../../src/domain/session/fold.ts';
import type { SessionState } from '../../src/domain/session/state.ts';
import { openStore } from '../../src/store/index.ts';
import { processesOf } from '../support/processes.ts';
import { asks, scripted, shell, startSession, text } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

const effects = (session_id: string, file = 'effects.txt') => {
  const path = join(room.workOf(session_id), file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};
const release = (session_id: string, file = 'go') => writeFileSync(join(room.workOf(session_id), file), '');

/** Where the chain on the disk is broken; null: it holds. That a change is noticed is the store's own test. */
async function brokenAt(session_id: string): Promise<unknown> {
  const store = await openStore({ data_folder: room.home });
  try {
    return await store.log.verify(session_id);
  } finally {
    await store.close();
  }
}

/** What the workflow itself believes. */
async function stateOf({ status }: Pick<Room, 'status'>, session_id: string): Promise<SessionState> {
  const { temporal_address } = await status();
  const connection = await Connection.connect({ address: temporal_address ?? '' });
  try {
    const client = new Client({ connection, namespace: 'tackroom' });
    return await client.workflow.getHandle(`session/${session_id}`).query<SessionState>('state');
  } finally {
    await connection.close();
  }
}

describe('a prompt', () => {
  it('is played to its end; the log has no gap, holds together, and folds to the state of the workflow', async () => {
    const session = await startSession(
      room,
      scripted([{ say: 'Hello there.' }, shell('echo ran >> effects.txt'), { say: 'Done.' }]),
    );
    expect((await session.ended()).type).toBe('turn.completed');
    expect(effects(session.id)).toEqual(['ran']);
    expect(await session.words()).toEqual(['Hello there.', 'Done.']);
    const log = await session.log();
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
    log.slice(1).forEach((event, n) => expect(event.prev_hash).toBe(log[n]?.hash));
    expect(await brokenAt(session.id)).toBeNull();
    expect(fold(log)).toEqual(await stateOf(room, session.id));
    const heard = ['agent.message', 'policy.evaluated', 'agent.tool_use', 'agent.tool_result'];
    expect(log.map(({ type }) => type).filter((type) => heard.includes(type))).toEqual([...heard, 'agent.message']);
    expect(processesOf(session.id)).toEqual([]);
  });

  it('streams every event once, in order, with the words as they come', async () => {
    const session = await startSession(room, scripted([{ wait_for: 'go' }, { say: 'One two three.', word_ms: 5 }]));
    const stop = new AbortController();
    const seqs: number[] = [];
    let deltas = '';
    await session.logged('session.placed');
    const following = (async () => {
      for await (const heard of room.client().events(session.id, { signal: stop.signal })) {
        if (heard.kind === 'frame' && heard.frame.type === 'item.delta') deltas += heard.frame.delta;
        if (heard.kind === 'event') seqs.push(heard.event.seq);
        if (heard.kind === 'event' && heard.event.type === 'turn.completed') return;
      }
    })();
    await until('the worktree', () => existsSync(room.workOf(session.id)));
    release(session.id);
    await following;
    stop.abort();
    expect(deltas).toBe('One two three.');
    expect(seqs).toEqual((await session.log()).map(({ seq }) => seq));
  });

  it('queues behind a running turn, and each one has its turn in order', async () => {
    const session = await startSession(
      room,
      scripted({
        turns: [[{ wait_for: 'go' }, { say: 'first' }], [{ say: 'second' }], [{ say: 'third' }], [{ say: 'fourth' }]],
      }),
    );
    await session.logged('session.placed');
    const queued = [await session.say('b'), await session.say('c'), await session.say('d')];
    await session.logged('user.message', 4); // what is queued is shown once it is in the log
    const { data } = await room.client().sessions.queue({ session_id: session.id });
    expect(data.map(({ id }) => id)).toEqual(queued);
    await until('the worktree', () => existsSync(room.workOf(session.id)));
    release(session.id);
    await session.ended(queued[2]);
    expect(await session.words()).toEqual(['first', 'second', 'third', 'fourth']);
    const started = (await session.log()).filter(({ type }) => type === 'turn.started');
    expect(started.map(({ turn_id }) => turn_id)).toEqual([session.turn_id, ...queued]);
  });
});

describe('a running turn', () => {
  it('takes a steer', async () => {
    const session = await startSession(room, scripted([{ say: 'Ready.' }, { steer_point: true }, { say: 'And on.' }]));
    await session.logged('agent.message');
    expect(await session.say('to the left', 'steer')).toBe(session.turn_id);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(await session.words()).toEqual(['Ready.', 'Steered: to the left', 'And on.']);
  });

  it('ends when it is interrupted, with every process of it; the session takes the next prompt', async () => {
    const session = await startSession(
      room,
      scripted({ turns: [[shell('echo started >> effects.txt; sleep 300')], [{ say: 'Here again.' }]] }),
    );
    await until('the command', () => effects(session.id).length > 0);
    expect(processesOf(session.id).some(({ command }) => command === 'sleep 300')).toBe(true);
    const { stopped } = await room.client().sessions.interrupt({ session_id: session.id, body: {} });
    expect(stopped).toBe(true);
    expect((await session.ended()).type).toBe('turn.cancelled');
    expect(processesOf(session.id)).toEqual([]);
    const next = await session.say('again');
    expect((await session.ended(next)).type).toBe('turn.completed');
    expect(await session.words()).toEqual(['Here again.']);
    expect(await room.client().sessions.interrupt({ session_id: session.id, body: {} })).toMatchObject({
      stopped: false,
    });
  });

  it('is cancelled when its session is closed, and nothing is taken any more', async () => {
    const session = await startSession(room, scripted([shell('echo started >> effects.txt; sleep 300')]));
    await until('the command', () => effects(session.id).length > 0);
    await room.client().sessions.close({ session_id: session.id, body: { reason: 'enough' } });
    await session.logged('session.closed');
    expect((await session.ended()).type).toBe('turn.cancelled');
    expect(processesOf(session.id)).toEqual([]);
    await expect(session.say('more')).rejects.toMatchObject({ code: 'session_closed' });
    const shown = await room.client().sessions.show({ session_id: session.id });
    expect(shown).toMatchObject({ status: 'closed', can_prompt: false, can_interrupt: false });
  });

  it('fails with the words of its harness, and the session goes on', async () => {
    const session = await startSession(
      room,
      scripted({ turns: [[{ fail: 'the model is tired' }], [{ say: 'Awake.' }]] }),
    );
    const end = await session.ended();
    expect(end).toMatchObject({
      type: 'turn.failed',
      data: { error: { code: 'model_failed', message: 'the model is tired' } },
    });
    expect((await session.ended(await session.say('again'))).type).toBe('turn.completed');
  });
});

const MIGRATE = 'echo ran >> effects.txt';
const careful = (more = {}) => scripted([shell(MIGRATE), { say: 'Moved on.' }], [asks('echo ran', more)]);

describe('an approval', () => {
  it('is answered over REST: the call runs once, and the log has who, when and via what', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    expect(effects(session.id)).toEqual([]);
    const decided = await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
    expect(decided).toMatchObject({ session_id: session.id, decision: 'allow_once', via: 'api' });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(effects(session.id)).toEqual(['ran']);
    const types = (await session.log()).map(({ type }) => type);
    const order = [
      'policy.evaluated',
      'approval.requested',
      'approval.resolved',
      'grant.created',
      'grant.used',
      'agent.tool_use',
      'agent.tool_result',
    ];
    expect(types.filter((type) => order.includes(type))).toEqual(order);
  });

  it('is answered from the command line', async () => {
    const session = await startSession(room, careful());
    const { id } = await session.question();
    const { code, stderr } = await room.tack(['approve', id]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await session.logged('approval.resolved')).via).toBe('cli');
    await session.ended();
    expect(effects(session.id)).toEqual(['ran']);
  });

  it('is answered by a signal of the engine, with the right digest only', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    const signal = (body: unknown) =>
      room.temporal(
        ...['workflow', 'signal', '--workflow-id', `session/${session.id}`],
        ...['--name', 'decide_approval', '--input', JSON.stringify(body)],
      );
    await signal({ approval_id: id, digest: 'f'.repeat(64), decision: 'allow_once' });
    expect((await session.logged('error.raised')).data).toMatchObject({ code: 'digest_mismatch' });
    expect(await room.client().approvals.show({ approval_id: id })).toMatchObject({ status: 'pending' });
    expect(effects(session.id)).toEqual([]);
    await signal({ approval_id: id, digest, decision: 'allow_once' });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(await session.logged('approval.resolved')).toMatchObject({
      via: 'signal',
      actor: { type: 'operator', id: 'operator' },
    });
    expect(effects(session.id)).toEqual(['ran']);
  });

  it('is refused with words, and the agent hears them', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    const message = 'Use the staging database.';
    await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'deny', message } });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(JSON.stringify((await session.logged('agent.tool_result')).data)).toContain(message);
    expect(effects(session.id)).toEqual([]);
    expect(await session.words()).toEqual(['Moved on.']);
  });

  it('stops the turn when that is the answer', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'deny_and_stop' } });
    expect((await session.ended()).type).toBe('turn.cancelled');
    expect(effects(session.id)).toEqual([]);
    expect(processesOf(session.id)).toEqual([]);
  });

  it('is won by one of two answers at once, and the other is told who', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    const answers = await Promise.allSettled([
      room.client('api').approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } }),
      room.client('cli').approvals.decide({ approval_id: id, body: { digest, decision: 'deny' } }),
    ]);
    const won = answers.filter(({ status }) => status === 'fulfilled');
    const [lost] = answers.filter(({ status }) => status === 'rejected');
    expect(won).toHaveLength(1);
    const resolved = await session.logged('approval.resolved');
    expect(lost).toMatchObject({
      reason: {
        code: 'approval_already_resolved',
        data: { by: resolved.actor, via: resolved.via, decision: resolved.data['decision'] },
      },
    });
    await session.ended();
    expect(effects(session.id)).toEqual(resolved.data['decision'] === 'deny' ? [] : ['ran']);
  });

  it('for the session covers what its pattern shows, and asks again for the rest', async () => {
    const rule = { ...asks('git init'), commands: ['git init', 'touch'] };
    const session = await startSession(
      room,
      scripted([shell('git init one'), shell('git init two'), shell('touch three'), { say: 'Done.' }], [rule]),
    );
    const { id, digest } = await session.question();
    const { options } = await room.client().approvals.show({ approval_id: id });
    const pattern = options.find(({ decision }) => decision === 'allow_session')?.pattern;
    expect(pattern).toEqual({ on: 'shell.exec', commands: ['git init'] });
    const body = { digest, decision: 'allow_session' as const, pattern: pattern ?? { on: 'shell.exec' } };
    await room.client().approvals.decide({ approval_id: id, body });
    const other = await session.question(2);
    await room.client().approvals.decide({ approval_id: other.id, body: { digest: other.digest, decision: 'deny' } });
    await session.ended();
    const made = ['one', 'two', 'three'].map((name) => existsSync(join(room.workOf(session.id), name)));
    expect(made).toEqual([true, true, false]);
    expect((await session.log()).filter(({ type }) => type === 'grant.used')).toHaveLength(2);
  });

  it('with another digest is refused, and so is an answer without one', async () => {
    const session = await startSession(room, careful());
    const { id } = await session.question();
    const decide = (body: unknown) => room.api('POST', `/v1/approvals/${id}/decision`, body);
    expect(await decide({ digest: 'f'.repeat(64), decision: 'allow_once' })).toMatchObject({
      status: 409,
      body: { code: 'digest_mismatch' },
    });
    expect((await decide({ decision: 'allow_once' })).status).toBe(422);
    expect((await decide({ digest: 'f'.repeat(64), decision: 'yes' })).status).toBe(422);
    expect(effects(session.id)).toEqual([]);
    await room.client().sessions.close({ session_id: session.id, body: {} });
  });

  it('that nobody answers within the grace leaves no process; after a restart of every role its answer counts, once', async () => {
    const session = await startSession(room, careful({ grace_s: 1 }));
    const { id, digest } = await session.question();
    await session.logged('turn.suspended');
    expect(processesOf(session.id)).toEqual([]);
    expect(effects(session.id)).toEqual([]);
    const before = await room.status();
    expect((await room.tack(['down'])).code).toBe(0);
    const after = await room.up();
    const pids = (group: typeof before) => group.roles.map(({ pid }) => pid);
    expect(pids(after).some((pid) => pids(before).includes(pid))).toBe(false);
    expect(processesOf(session.id)).toEqual([]);
    expect(await room.client().sessions.show({ session_id: session.id })).toMatchObject({
      status: 'requires_action',
      pending_approvals: 1,
    });
    await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(effects(session.id)).toEqual(['ran']);
    const log = await session.log();
    expect(log.filter(({ type }) => type === 'approval.requested')).toHaveLength(1);
    expect(log.find(({ type }) => type === 'turn.resumed')?.data).toMatchObject({ after: 'approval' });
    expect(fold(log)).toEqual(await stateOf(room, session.id));
  });
});

describe('a worker that is killed with -9', () => {
  it('while an approval waits: the next one asks the same question, and the command runs once', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    await room.kill('worker');
    await session.logged('turn.resumed');
    await session.logged('policy.evaluated', 2);
    expect(await room.client().approvals.list({ session_id: session.id })).toMatchObject({
      data: [{ id, status: 'pending' }],
    });
    await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
    expect((await session.ended()).type).toBe('turn.completed');
    expect(effects(session.id)).toEqual(['ran']);
    const log = await session.log();
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1));
    expect(await brokenAt(session.id)).toBeNull();
    expect(fold(log)).toEqual(await stateOf(room, session.id));
  });

  it('while a command runs: it is not run again, and its end is told as unknown', async () => {
    const session = await startSession(room, scripted([shell('echo once >> effects.txt; sleep 300'), { say: 'On.' }]));
    await until('the command', () => effects(session.id).length > 0);
    const [old] = processesOf(session.id);
    await room.kill('worker');
    expect((await session.ended()).type).toBe('turn.completed');
    expect(effects(session.id)).toEqual(['once']);
    expect(existsSync(`/proc/${old?.pid}`)).toBe(false);
    expect(processesOf(session.id)).toEqual([]);
    expect(await session.words()).toEqual(['On.']);
  });
});

describe('what is sent twice', () => {
  it('is one session and one turn, under the same key', async () => {
    const agent = scripted([shell('echo ran >> effects.txt')]);
    const key = { 'idempotency-key': 'the-same-key-for-both' };
    const body = { agent, input: text('go') };
    const first = await room.api('POST', '/v1/sessions?wait=30', body, key);
    const again = await room.api('POST', '/v1/sessions?wait=30', body, key);
    const { id } = first.body as { id: string };
    expect(again).toMatchObject({ status: first.status, body: { id } });
    expect(effects(id)).toEqual(['ran']);
    expect((await room.client().sessions.turns({ session_id: id })).data).toHaveLength(1);
    expect(await room.api('POST', '/v1/sessions', { ...body, title: 'another' }, key)).toMatchObject({
      status: 409,
      body: { code: 'idempotency_mismatch' },
    });
  });

  it('is one message, under the same client id', async () => {
    const session = await startSession(room, scripted([shell('echo ran >> effects.txt')]));
    await session.ended();
    const send = () =>
      room.api('POST', `/v1/sessions/${session.id}/messages`, { content: text('more'), client_id: 'm-1' });
    const [one, two] = await Promise.all([send(), send()]);
    const { turn_id } = one.body as { turn_id: string };
    expect(two.body).toMatchObject({ turn_id });
    await session.ended(turn_id);
    expect(effects(session.id)).toEqual(['ran', 'ran']);
  });
});

describe('what is not there', () => {
  it('is said with its code and the way out', async () => {
    const missing = {
      '/v1/sessions/ses_00000000000000000000000000': 'session_not_found',
      '/v1/sessions/ses_00000000000000000000000000/events': 'session_not_found',
      '/v1/sessions/nonsense': 'session_not_found',
      '/v1/approvals/apr_00000000000000000000000000': 'approval_not_found',
      '/v1/nothing': 'route_not_found',
    };
    for (const [path, code] of Object.entries(missing))
      expect(await room.api('GET', path)).toMatchObject({
        status: 404,
        body: { code, remediation: expect.any(String) },
      });
    const say = { content: text('hello') };
    expect(await room.api('POST', '/v1/sessions/ses_00000000000000000000000000/messages', say)).toMatchObject({
      status: 404,
    });
    const digest = 'f'.repeat(64);
    const decide = await room.api('POST', '/v1/approvals/apr_00000000000000000000000000/decision', {
      digest,
      decision: 'deny',
    });
    expect(decide).toMatchObject({ status: 404, body: { code: 'approval_not_found' } });
  });
});
