/** The same POST twice is one: every POST of the contract table, walked; what the engine was told says how often something was done. */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../../src/api/contract/routes.ts';
import { TackError } from '../../../src/domain/errors.ts';
import { startRig, type Rig } from './rig.ts';

const APPROVAL = 'apr_12345678';
const DIGEST = 'ab'.repeat(32);
const text = (words: string) => [{ type: 'text', text: words }];
const work = { what: 'applied', commit: 'c'.repeat(40), branch: 'tack/x' };

interface Twice {
  readonly path: (session_id: string) => string;
  readonly body: unknown;
  /** Another request, under the same key. */
  readonly other: { readonly path?: string; readonly body: unknown };
}
const inSession = (verb: string) => (session_id: string) => `/v1/sessions/${session_id}/${verb}`;

/** A POST that is new has no row here, and the first test fails. */
const TWICE: Readonly<Record<string, Twice>> = {
  'sessions.create': {
    path: () => '/v1/sessions',
    body: { agent: 'scripted', input: text('go') },
    other: { body: { agent: 'scripted', input: text('stay') } },
  },
  'sessions.send': {
    path: inSession('messages'),
    body: { content: text('one') },
    other: { body: { content: text('two') } },
  },
  'sessions.interrupt': { path: inSession('interrupt'), body: {}, other: { body: { reason: 'changed my mind' } } },
  'sessions.close': { path: inSession('close'), body: {}, other: { body: { reason: 'done' } } },
  'sessions.noteWork': { path: inSession('work'), body: work, other: { body: { ...work, what: 'discarded' } } },
  'approvals.decide': {
    path: () => `/v1/approvals/${APPROVAL}/decision`,
    body: { digest: DIGEST, decision: 'allow_once' },
    other: { body: { digest: DIGEST, decision: 'deny' } },
  },
  'approvals.askAgain': {
    path: () => `/v1/approvals/${APPROVAL}/ask-again`,
    body: {},
    other: { path: '/v1/approvals/apr_87654321/ask-again', body: {} },
  },
};

let rig: Rig;
let session_id: string;
/** What the engine answers from now on. */
let refuses: TackError | null;
/** Resolved: the engine answers. */
let open: PromiseWithResolvers<void>;

beforeEach(async () => {
  refuses = null;
  open = Promise.withResolvers();
  open.resolve();
  const answers =
    <T>(answer: T) =>
    async () => {
      await open.promise;
      if (refuses) throw refuses;
      return answer;
    };
  rig = await startRig({
    engine: {
      say: answers({ turn_id: 'trn_1' }),
      interrupt: answers({ stopped: true }),
      close: answers(undefined),
      noteWork: answers(undefined),
      askAgain: answers({ approval_id: 'apr_2' }),
      decideApproval: answers({
        approval_id: APPROVAL,
        decision: 'allow_once' as const,
        actor: { type: 'user' as const, id: 'ann' },
        via: 'api' as const,
        resolved_at: '2026-11-24T00:00:00.000Z',
        grant_id: null,
      }),
    },
  });
  session_id = (await rig.client.sessions.create({ body: { agent: 'scripted' } })).id;
  rig.store.rows.approvals.set(APPROVAL, {
    approval_id: APPROVAL,
    session_id,
    turn_id: 'trn_1',
    kind: 'tool',
    status: 'pending',
    digest: DIGEST,
    title: 'git push',
    approval: { grantable: 'once' },
    resolution: null,
    requested_at: 'x',
    expires_at: 'y',
  });
});
afterEach(() => rig.close());

const post = (name: string, key: string, other?: Twice['other']) => {
  const { path, body } = TWICE[name]!;
  return rig.ask('POST', other?.path ?? path(session_id), {
    body: other ? other.body : body,
    headers: { 'idempotency-key': key },
  });
};
const names = Object.keys(TWICE);
const replayed = ({ headers }: { headers: Headers }) => headers.get('idempotency-replayed');

describe('every POST of the table', () => {
  it('is here; those of git are git’s own, where the same push leaves the same ref', () => {
    const posts = ALL_ROUTES.filter(([, { method }]) => method === 'POST');
    expect(
      posts
        .filter(([, { form }]) => form !== 'git')
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
    expect(posts.filter(([, { form }]) => form === 'git').map(([name]) => name)).toEqual(['git.push', 'git.fetch']);
    for (const [name, { form, errors }] of posts)
      if (form !== 'git')
        expect({ name, errors }).toEqual({ name, errors: expect.arrayContaining(['idempotency_mismatch']) });
  });

  it.each(names)('%s is done once and answered twice, and says the second time that it is a repeat', async (name) => {
    const first = await post(name, 'k-1');
    const again = await post(name, 'k-1');
    expect([first.status, replayed(first)]).toEqual([expect.toBeOneOf([200, 202]), null]);
    expect([again.status, again.body, replayed(again)]).toEqual([first.status, first.body, 'true']);
    expect(rig.told).toHaveLength(1);
  });

  it.each(names)('%s is done once for five at the same time, all with the one answer', async (name) => {
    open = Promise.withResolvers();
    const asked = Array.from({ length: 5 }, () => post(name, 'k-1'));
    const mismatch = post(name, 'k-1', TWICE[name]!.other);
    open.resolve();
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1);
    // whoever came first has the key: another body under it is refused before anything is done
    const { status, body } = await mismatch;
    expect([status, body.code]).toEqual([409, 'idempotency_mismatch']);
    expect(rig.told).toHaveLength(1);
  });

  it.each(names)('%s under the key of another request is refused, and nothing is done', async (name) => {
    await post(name, 'k-1');
    const { status, body } = await post(name, 'k-1', TWICE[name]!.other);
    expect([status, body.code]).toEqual([409, 'idempotency_mismatch']);
    expect(rig.told).toHaveLength(1);
  });

  it.each(names)('%s is done twice without a key, and under two keys: the control', async (name) => {
    await post(name, 'k-1');
    await post(name, 'k-2');
    expect(rig.told).toHaveLength(2);
  });
});

describe('a POST that failed', () => {
  it('gives its key back when it was refused: the corrected request may use it', async () => {
    refuses = new TackError('queue_full', '50 messages wait.');
    expect((await post('sessions.send', 'k-1')).status).toBe(409);
    refuses = null;
    const answer = await post('sessions.send', 'k-1', TWICE['sessions.send']!.other);
    expect([answer.status, replayed(answer)]).toEqual([202, null]);
  });

  it('keeps its key when nobody knows whether it was done: the same request acts again, another one is refused', async () => {
    refuses = new TackError('engine_unavailable', 'No answer in time.');
    expect((await post('sessions.send', 'k-1')).status).toBe(503);
    refuses = null;
    expect((await post('sessions.send', 'k-1', TWICE['sessions.send']!.other)).status).toBe(409);
    const answer = await post('sessions.send', 'k-1');
    expect([answer.status, replayed(answer)]).toEqual([202, null]);
    expect(rig.told).toHaveLength(2); // under the same key: the session itself knows the second one
    expect(new Set(rig.told.map(({ args }) => (args[2] as { client_id: string }).client_id)).size).toBe(1);
  });
});

describe('a repeated POST with `wait`', () => {
  it('waits, too: what was done is remembered before the wait', async () => {
    const url = `${rig.url}/v1/sessions/${session_id}/messages?wait=60`;
    const init = {
      method: 'POST',
      body: JSON.stringify(TWICE['sessions.send']!.body),
      headers: {
        authorization: `Bearer ${rig.token}`,
        'content-type': 'application/json',
        'idempotency-key': 'k-1',
      },
    };
    const { method, headers, body } = init;
    const lost = request(url, { method, headers, agent: false }).on('error', () => {});
    lost.end(body);
    await expect.poll(() => rig.told.length).toBe(1);
    lost.destroy();
    const again = fetch(url, init);
    await rig.store.say(session_id, { type: 'turn.started', turn_id: 'trn_1' });
    await rig.store.say(session_id, { type: 'turn.completed', turn_id: 'trn_1', data: { stop_reason: 'end_turn' } });
    const answer = await again;
    expect(answer.headers.get('idempotency-replayed')).toBe('true');
    expect(await answer.json()).toMatchObject({ turn_id: 'trn_1', turn: { status: 'completed' } });
    expect(rig.told).toHaveLength(1);
  });
});
