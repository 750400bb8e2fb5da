/** Whatever is typed into the engine, the session goes on: junk is refused, and says so in the log where a person can see it. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Actor, Via } from '../../../src/domain/actor.ts';
import { workflowIdOf } from '../../../src/api/engine/index.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { WORKFLOW_CODE } from '../../../src/worker/bundle.ts';
import { quiet, startFakeHost, type FakeHost } from '../../support/fake-host.ts';
import { ANN, blob, BOB, sha256, stageOf, type Opened, type Stage } from '../../support/staged-session.ts';

let server: TestEngine;
let host: FakeHost;
let stage: Stage;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  [server, bundle] = await Promise.all([
    startEngine(),
    bundleWorkflowCode({
      ...WORKFLOW_CODE,
      logger: quiet,
    }),
  ]);
  host = await startFakeHost({ ...server, workflowBundle: bundle });
  stage = stageOf({ server, host });
});
afterAll(async () => {
  await host?.stop();
  await server?.stop();
});

const workflow = (session: Opened) => server.client.workflow.getHandle(workflowIdOf(session.id));
const DONE = { kind: 'completed', stop_reason: 'end_turn' } as const;
const errors = (session: Opened) =>
  host
    .log(session.id)
    .flatMap(({ type, data, actor }) => (type === 'error.raised' ? [{ ...data, by: actor.type }] : []));

/** It plays another turn, nothing in its history failed, and its history replays. */
async function goesOn(session: Opened): Promise<void> {
  const before = host.types(session.id).filter((type) => type === 'turn.completed').length;
  await session.say('still there?');
  (await host.nextTurn(session.id)).end(DONE);
  await host.logged(session.id, 'turn.completed', before + 1);
  await session.folds();
  await session.engine.close(session.id, ANN, 'end');
  await workflow(session).result();
  const history = await workflow(session).fetchHistory();
  const recorded = JSON.parse(historyToJSON(history)) as { readonly events: readonly { readonly eventType: string }[] };
  expect(recorded.events.filter(({ eventType }) => eventType.endsWith('WORKFLOW_TASK_FAILED'))).toEqual([]);
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, [
    { workflowId: workflowIdOf(session.id), history: recorded },
  ]))
    expect(result.error).toBeUndefined();
}

const HUGE = 'x'.repeat(300_000);
const prompt = { client_id: 'c', turn_id: 'trn_c', content: blob('c'), ...ANN };
const PAYLOADS: readonly (readonly [string, unknown])[] = [
  ['a text', 'close!'],
  ['a number', 7],
  ['a list', [1, 2]],
  ['nothing known', { hello: 'world' }],
];
/** Stands for more depth than anything can write down: our own client could not send it. */
const DEEP = '[[…]]';
const DEPTH = 50_000;
/** Nothing can be made of it. */
const NO_TEXT = { toString: 1, valueOf: 1 };
type SignalName = 'prompt' | 'close' | 'decide_approval' | 'revoke_grant';
const JUNK: readonly (readonly [SignalName, string, unknown, string])[] = [
  ...PAYLOADS.flatMap(([what, payload]) => [
    ['prompt', what, payload, 'request_invalid'] as const,
    ['decide_approval', what, payload, 'decision_invalid'] as const,
  ]),
  ['prompt', 'content of 300 KB', { ...prompt, content: { $blob: HUGE, bytes: 1 } }, 'request_invalid'],
  ['prompt', 'a sender that is nobody', { ...prompt, actor: 'ann' }, 'request_invalid'],
  ['prompt', 'a name of 300 KB', { ...prompt, client_id: HUGE }, 'request_invalid'],
  ...PAYLOADS.slice(0, 3).map(([what, payload]) => ['close', what, payload, 'request_invalid'] as const),
  ['close', 'a reason that is no text', { reason: { why: HUGE } }, 'request_invalid'],
  ['close', 'a sender without a name', { actor: { type: 'system' } }, 'request_invalid'],
  ['close', 'a sender of no known kind', { actor: { type: 'nobody', id: 'x' } }, 'request_invalid'],
  ['close', 'a sender by no known way', { via: 'pigeon' }, 'request_invalid'],
  ['close', 'a sender with 300 KB', { actor: { type: 'system', id: 'x', more: HUGE } }, 'request_invalid'],
  ['prompt', 'a sender with depth', { ...prompt, actor: { ...ANN.actor, more: DEEP } }, 'request_invalid'],
  ['prompt', 'a NUL in its turn', { ...prompt, turn_id: 'trn_\0c' }, 'request_invalid'],
  ['prompt', 'half a letter in its name', { ...prompt, client_id: '\ud800' }, 'request_invalid'],
  ['prompt', 'content that is a path', { ...prompt, content: { $blob: '../../token', bytes: 9 } }, 'request_invalid'],
  ['prompt', 'deep content', { ...prompt, content: { $blob: DEEP, bytes: 1 } }, 'request_invalid'],
  ['decide_approval', 'depth', DEEP, 'decision_invalid'],
  ['revoke_grant', 'depth', { grant_id: DEEP }, 'request_invalid'],
  ['revoke_grant', 'what is no text', { grant_id: NO_TEXT }, 'request_invalid'],
  ['revoke_grant', 'nothing', null, 'request_invalid'],
];
/** As somebody else's client sends it. */
async function signal(session: Opened, signalName: SignalName, payload: unknown): Promise<void> {
  const text = JSON.stringify(payload).replaceAll(`"${DEEP}"`, '['.repeat(DEPTH) + ']'.repeat(DEPTH));
  await server.client.workflowService.signalWorkflowExecution({
    namespace: server.namespace,
    workflowExecution: { workflowId: workflowIdOf(session.id) },
    signalName,
    input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(text) }] },
  });
}
/** What a log holds can be read: the API answers with no other. */
const isReadable = ({ actor, via }: object & { actor?: unknown; via?: unknown }) =>
  Actor.safeParse(actor).success && Via.nullable().safeParse(via).success;

describe('a Signal with junk', () => {
  it('of every kind is refused, in the log, as the operator, and the session goes on', async () => {
    const session = stage.open('junk');
    await session.say('work');
    const turn = await host.nextTurn(session.id);
    for (const [name, , payload] of JUNK) await signal(session, name, payload);
    await host.logged(session.id, 'error.raised', JUNK.length);
    expect(errors(session).map((data) => (data as { code?: unknown }).code)).toEqual(JUNK.map(([, , , code]) => code));
    for (const event of host.log(session.id)) expect(JSON.stringify(event).length).toBeLessThan(3_000);
    expect(host.log(session.id).filter((event) => !isReadable(event))).toEqual([]);
    turn.end(DONE);
    await host.logged(session.id, 'turn.completed');
    await goesOn(session);
  });

  it('in a decision of an approval that waits is refused, and a right one counts after it', async () => {
    const session = stage.open('junkdecision');
    await session.say('push');
    const turn = await host.nextTurn(session.id);
    const approval_id = await session.ask(turn, 'git push');
    const right = { approval_id, digest: sha256('git push'), decision: 'allow_session', pattern: { on: 'git.push' } };
    const wrong = [
      { ...right, pattern: 'git push' },
      { ...right, pattern: { on: 7 } },
      { ...right, pattern: { on: 'git.push', hosts: DEEP } },
      { ...right, pattern: { on: 'shell.exec', paths: ['{a'] } },
      { ...right, pattern: { on: 'shell.exec', commands: [HUGE] } },
      { ...right, message: { text: 'no blob' } },
      { ...right, decision: 'allow_always', pattern: [] },
      { ...right, digest: HUGE },
    ];
    for (const payload of wrong) await signal(session, 'decide_approval', payload);
    await host.logged(session.id, 'error.raised', wrong.length);
    expect(new Set(errors(session).map((data) => (data as { code?: unknown }).code))).toEqual(
      new Set(['decision_invalid']),
    );
    expect(host.types(session.id)).not.toContain('approval.resolved');
    await workflow(session).signal('decide_approval', right);
    await host.logged(session.id, 'grant.created');
    turn.end(DONE);
    await host.logged(session.id, 'turn.completed');
    await goesOn(session);
  });

  it('typed at the command line: no JSON object, no input, a name that nobody knows', async () => {
    const session = stage.open('junktyped');
    await session.say('work');
    const turn = await host.nextTurn(session.id);
    const type = (name: string, ...input: readonly string[]) =>
      server.cli('workflow', 'signal', '-w', workflowIdOf(session.id), '--name', name, ...input);
    await type('prompt');
    await type('prompt', '--input', 'null');
    await type('decide_approval', '--input', '"approve"');
    await type('hello', '--input', '{}');
    await type('decide_approval', '--input', 'not json at all', '--input-meta', 'encoding=json/plain').catch(
      () => undefined,
    );
    await type('decide_approval', '--input', 'text', '--input-meta', 'encoding=binary/plain');
    await host.logged(session.id, 'error.raised', 4);
    turn.end(DONE);
    await host.logged(session.id, 'turn.completed');
    await goesOn(session);
  });

  it.each([
    ['that is no JSON', 'json/plain', 'not json'],
    ['in an encoding that nobody knows', 'a/b', '{}'],
  ])('%s cannot even be read, and is refused like any other', async (_what, encoding, text) => {
    const session = stage.open(`unread${encoding.length}`);
    await session.say('work');
    const turn = await host.nextTurn(session.id);
    const payload = { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(text) };
    for (const signalName of ['prompt', 'decide_approval', 'close'])
      await server.client.workflowService.signalWorkflowExecution({
        namespace: server.namespace,
        workflowExecution: { workflowId: workflowIdOf(session.id) },
        signalName,
        input: { payloads: [payload] },
      });
    await host.logged(session.id, 'error.raised', 3);
    turn.end(DONE);
    await host.logged(session.id, 'turn.completed');
    await goesOn(session);
  });

  it('is told from a right one: a prompt and a close without a sender are the operator’s', async () => {
    const session = stage.open('rightsignals');
    const { actor: _actor, via: _via, ...said } = prompt;
    await session.say('first');
    (await host.nextTurn(session.id)).end(DONE);
    await workflow(session).signal('prompt', said);
    (await host.nextTurn(session.id)).end(DONE);
    await host.logged(session.id, 'turn.completed', 2);
    await workflow(session).signal('close');
    await workflow(session).result();
    const by = host.log(session.id).filter(({ type }) => type === 'user.message' || type === 'session.closed');
    expect(by.map(({ actor }) => actor.type)).toEqual(['user', 'operator', 'operator']);
    expect(errors(session)).toEqual([]);
  });
});

describe('an Update with junk', () => {
  it('is refused without history', async () => {
    const session = stage.open('junkupdates');
    await session.say('work');
    const turn = await host.nextTurn(session.id);
    await host.logged(session.id, 'session.placed');
    const names = [
      'prompt',
      'steer',
      'request_approval',
      'decide_approval',
      'ask_again',
      'interrupt',
      'close',
      'set_policy',
      'set_agent',
      'note_work',
    ];
    for (const name of names)
      for (const payload of [null, 'x', { ...ANN }, { ...prompt, content: 7 }])
        await expect(
          workflow(session).executeUpdate(name, {
            args: [name === 'interrupt' || name === 'close' ? { reason: 'x' } : payload],
          }),
        ).rejects.toMatchObject({
          cause: { type: name === 'decide_approval' ? 'decision_invalid' : 'request_invalid' },
        });
    turn.end(DONE);
    await host.logged(session.id, 'turn.completed');
    const history = await workflow(session).fetchHistory();
    const accepted = history.events?.filter(({ workflowExecutionUpdateAcceptedEventAttributes: event }) => event);
    expect(accepted).toHaveLength(1);
    await goesOn(session);
  });
});

describe('a key that is used twice', () => {
  it('for two commands gives each its own answer', async () => {
    const session = stage.open('onekey');
    await session.say('one key'); // its client id is a key, too
    const turn = await host.nextTurn(session.id);
    const asked = [await session.ask(turn, 'git push'), await session.ask(turn, 'npm publish')];
    const decide = (at: number, what: string) =>
      session.engine.decideApproval(
        session.id,
        {
          approval_id: asked[at]!,
          digest: sha256(what),
          decision: 'deny',
          grant_id: `grt_${asked[at]!.slice(4)}`,
          ...BOB,
        },
        'one key',
      );
    expect(await decide(0, 'git push')).toMatchObject({ approval_id: asked[0], decision: 'deny' });
    expect(await decide(1, 'npm publish')).toMatchObject({ approval_id: asked[1], decision: 'deny' });
    expect(await decide(0, 'git push')).toMatchObject({ approval_id: asked[0] }); // the same again is the same
    expect(await session.engine.interrupt(session.id, ANN, 'one key')).toEqual({ stopped: true });
    await turn.cancelled;
    await host.logged(session.id, 'turn.cancelled');
    await session.engine.close(session.id, ANN, 'one key');
    await workflow(session).result();
    expect(host.types(session.id)).toContain('session.closed');
  });
});
