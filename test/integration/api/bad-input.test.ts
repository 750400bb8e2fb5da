import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../../src/api/contract/routes.ts';
import { ERROR_KINDS, TackError } from '../../../src/domain/errors.ts';
import { SCRIPTED, startRig, type Rig } from './rig.ts';

let rig: Rig;
let session_id: string;
const APPROVAL = 'apr_12345678';
const DIGEST = 'ab'.repeat(32);

beforeAll(async () => {
  rig = await startRig({
    engine: {
      async decideApproval(_id, { digest }) {
        if (digest !== DIGEST) throw new TackError('digest_mismatch', `${digest} is not the digest of ${APPROVAL}.`);
        throw new TackError('approval_already_resolved', 'bob denied it.', {
          data: {
            actor: { type: 'user', id: 'bob' },
            via: 'cli',
            decision: 'deny',
            resolved_at: '2026-11-24T00:00:00Z',
          },
        });
      },
      async askAgain() {
        throw new TackError('approval_not_expired', 'It waits for an answer.');
      },
    },
  });
  const session = await rig.client.sessions.create({ body: { agent: 'scripted' } });
  session_id = session.id;
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
afterAll(() => rig.close());

interface Bad {
  readonly what: string;
  readonly path: () => string;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
  readonly code: keyof typeof ERROR_KINDS;
  /** Start of the place that must be named. */
  readonly place?: string;
}
const text = (words: string) => [{ type: 'text', text: words }];

/** At least three for each POST of the table; a test below counts them. */
const BAD: Readonly<Record<string, readonly Bad[]>> = {
  'sessions.create': [
    {
      what: 'no JSON',
      path: () => '/v1/sessions',
      text: '{"agent": ',
      code: 'json_invalid',
      place: 'body line 1 column 11',
    },
    { what: 'no body', path: () => '/v1/sessions', text: '', code: 'request_invalid', place: 'body.agent' },
    { what: 'a list', path: () => '/v1/sessions', text: '[]', code: 'request_invalid', place: 'body' },
    {
      what: 'another type of body',
      path: () => '/v1/sessions',
      text: 'agent=scripted',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      code: 'media_type_invalid',
      place: 'header content-type',
    },
    {
      what: 'a typo in a field',
      path: () => '/v1/sessions',
      body: { agent: 'scripted', inputs: [] },
      code: 'request_invalid',
      place: 'body',
    },
    {
      what: 'an agent that is not there',
      path: () => '/v1/sessions',
      body: { agent: 'nobody' },
      code: 'agent_not_found',
      place: 'body.agent',
    },
    {
      what: 'a harness that is not there',
      path: () => '/v1/sessions',
      body: { agent: { name: 'x', harness: 'cursor' } },
      code: 'harness_unknown',
      place: 'body.agent.harness',
    },
    {
      what: 'a harness that is not installed',
      path: () => '/v1/sessions',
      body: { agent: { name: 'x', harness: 'claude-code' } },
      code: 'harness_unavailable',
    },
    {
      what: 'a mistake in the middle of a policy',
      path: () => '/v1/sessions',
      body: {
        agent: { ...SCRIPTED, policies: { rules: [{ name: 'r', on: 'git.pull', effect: 'ask', reason: 'x' }] } },
      },
      code: 'request_invalid',
      place: 'body.agent.policies.rules[0].on',
    },
    {
      what: 'an unknown part of content',
      path: () => '/v1/sessions',
      body: { agent: 'scripted', input: [{ type: 'video' }] },
      code: 'request_invalid',
      place: 'body.input[0].type',
    },
    {
      what: 'a wrong session id',
      path: () => '/v1/sessions',
      body: { agent: 'scripted', session_id: '../x' },
      code: 'request_invalid',
      place: 'body.session_id',
    },
    {
      what: 'too long a wait',
      path: () => '/v1/sessions?wait=61',
      body: { agent: 'scripted' },
      code: 'request_invalid',
      place: 'query.wait',
    },
    {
      what: 'a commit without a project',
      path: () => '/v1/sessions',
      body: { agent: 'scripted', base_commit: 'ab'.repeat(20) },
      code: 'request_invalid',
      place: 'body.base_commit',
    },
    {
      what: 'too much text',
      path: () => '/v1/sessions',
      body: { agent: 'scripted', input: text('x'.repeat(1_000_001)) },
      code: 'content_too_large',
      place: 'body.input',
    },
    {
      what: 'a body of more than 25 MB',
      path: () => '/v1/sessions',
      text: JSON.stringify('x'.repeat(25_000_001)),
      code: 'request_too_large',
    },
    {
      what: 'a prototype',
      path: () => '/v1/sessions',
      text: '{"agent":"scripted","__proto__":{"a":1}}',
      code: 'json_invalid',
      place: 'body',
    },
    {
      what: 'a key that is none',
      path: () => '/v1/sessions',
      body: { agent: 'scripted' },
      headers: { 'idempotency-key': 'with space' },
      code: 'request_invalid',
      place: 'header idempotency-key',
    },
  ],
  'sessions.send': [
    {
      what: 'nothing said',
      path: () => `/v1/sessions/${session_id}/messages`,
      body: { content: [] },
      code: 'request_invalid',
      place: 'body.content',
    },
    {
      what: 'a wrong delivery',
      path: () => `/v1/sessions/${session_id}/messages`,
      body: { content: text('x'), delivery: 'now' },
      code: 'request_invalid',
      place: 'body.delivery',
    },
    {
      what: 'an image that is no base64',
      path: () => `/v1/sessions/${session_id}/messages`,
      body: { content: [{ type: 'image', media_type: 'image/png', data: '%%%%' }] },
      code: 'request_invalid',
      place: 'body.content[0].data',
    },
    {
      what: 'a session that is not there',
      path: () => '/v1/sessions/ses_00000000/messages',
      body: { content: text('x') },
      code: 'session_not_found',
    },
    {
      what: 'too much text',
      path: () => `/v1/sessions/${session_id}/messages`,
      body: { content: text('x'.repeat(1_000_001)) },
      code: 'content_too_large',
      place: 'body.content',
    },
  ],
  'sessions.interrupt': [
    { what: 'a session that is not there', path: () => '/v1/sessions/nope/interrupt', code: 'session_not_found' },
    {
      what: 'a reason that is no text',
      path: () => `/v1/sessions/${session_id}/interrupt`,
      body: { reason: 1 },
      code: 'request_invalid',
      place: 'body.reason',
    },
    {
      what: 'no JSON',
      path: () => `/v1/sessions/${session_id}/interrupt`,
      text: '{]',
      code: 'json_invalid',
      place: 'body line 1 column 2',
    },
  ],
  'sessions.close': [
    { what: 'a session that is not there', path: () => '/v1/sessions/%00/close', code: 'session_not_found' },
    {
      what: 'a field too many',
      path: () => `/v1/sessions/${session_id}/close`,
      body: { force: true },
      code: 'request_invalid',
      place: 'body',
    },
    {
      what: 'too long a reason',
      path: () => `/v1/sessions/${session_id}/close`,
      body: { reason: 'x'.repeat(1001) },
      code: 'request_invalid',
      place: 'body.reason',
    },
  ],
  'sessions.noteWork': [
    {
      what: 'no commit',
      path: () => `/v1/sessions/${session_id}/work`,
      body: { what: 'applied', branch: 'tack/x' },
      code: 'request_invalid',
      place: 'body.commit',
    },
    {
      what: 'another verb',
      path: () => `/v1/sessions/${session_id}/work`,
      body: { what: 'merged', branch: 'x', commit: 'ab'.repeat(20) },
      code: 'request_invalid',
      place: 'body.what',
    },
    {
      what: 'a session that is not there',
      path: () => '/v1/sessions/ses_00000000/work',
      body: { what: 'applied', branch: 'x', commit: 'ab'.repeat(20) },
      code: 'session_not_found',
    },
  ],
  'approvals.decide': [
    {
      what: 'no digest',
      path: () => `/v1/approvals/${APPROVAL}/decision`,
      body: { decision: 'allow_once' },
      code: 'request_invalid',
      place: 'body.digest',
    },
    {
      what: 'a word of another tool',
      path: () => `/v1/approvals/${APPROVAL}/decision`,
      body: { decision: 'accept', digest: DIGEST },
      code: 'request_invalid',
      place: 'body.decision',
    },
    {
      what: 'another digest',
      path: () => `/v1/approvals/${APPROVAL}/decision`,
      body: { decision: 'allow_once', digest: 'cd'.repeat(32) },
      code: 'digest_mismatch',
    },
    {
      what: 'an approval that is not there',
      path: () => '/v1/approvals/apr_00000000/decision',
      body: { decision: 'deny', digest: DIGEST },
      code: 'approval_not_found',
    },
    {
      what: 'a pattern with a typo',
      path: () => `/v1/approvals/${APPROVAL}/decision`,
      body: { decision: 'allow_session', digest: DIGEST, pattern: { on: 'file.read', path: ['x'] } },
      code: 'request_invalid',
      place: 'body.pattern',
    },
    {
      what: 'a second answer',
      path: () => `/v1/approvals/${APPROVAL}/decision`,
      body: { decision: 'allow_once', digest: DIGEST },
      code: 'approval_already_resolved',
    },
  ],
  'approvals.askAgain': [
    {
      what: 'an approval that is not there',
      path: () => '/v1/approvals/apr_00000000/ask-again',
      code: 'approval_not_found',
    },
    {
      what: 'one that has not expired',
      path: () => `/v1/approvals/${APPROVAL}/ask-again`,
      code: 'approval_not_expired',
    },
    {
      what: 'a body',
      path: () => `/v1/approvals/${APPROVAL}/ask-again`,
      body: { digest: DIGEST },
      code: 'request_invalid',
      place: 'body',
    },
  ],
};

it('covers every POST of the table with three bad inputs or more', () => {
  const posts = ALL_ROUTES.filter(([, row]) => row.method === 'POST' && row.form === 'json').map(([name]) => name);
  expect(Object.keys(BAD).toSorted()).toEqual(posts.toSorted());
  for (const name of posts) expect(BAD[name]?.length, name).toBeGreaterThanOrEqual(3);
});

describe.each(Object.entries(BAD))('%s', (_name, bad) => {
  it.each(bad.map((one) => [one.what, one] as const))(
    'answers %s with status, code, place and way out',
    async (_what, { path, code, place, ...init }) => {
      const { status, headers, body } = await rig.ask('POST', path(), init);
      const kind = ERROR_KINDS[code];
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect({ status, problem: body }).toMatchObject({
        status: kind.status,
        problem: {
          code,
          status: kind.status,
          title: kind.title,
          remediation: kind.way_out,
          retryable: kind.retryable,
          detail: expect.stringMatching(/./),
          request_id: headers.get('x-request-id'),
        },
      });
      if (place) expect((body as { errors: { place: string }[] }).errors.map((error) => error.place)).toContain(place);
    },
  );
});

it('tells the second approver who decided first', async () => {
  const refused = rig.client.approvals.decide({
    approval_id: APPROVAL,
    body: { decision: 'allow_once', digest: DIGEST },
  });
  await expect(refused).rejects.toMatchObject({
    code: 'approval_already_resolved',
    data: { actor: { id: 'bob' }, via: 'cli', decision: 'deny' },
  });
});

it('takes a good request after all the bad ones', async () => {
  const sent = await rig.client.sessions.send({ session_id, body: { content: [{ type: 'text', text: 'go on' }] } });
  expect(sent).toMatchObject({ object: 'message', session_id, turn_id: expect.stringMatching(/^trn_/) });
});

it.each([
  ['/v1/sessions?limit=0', 'query.limit'],
  ['/v1/sessions?limit=abc', 'query.limit'],
  ['/v1/sessions?statuss=idle', 'query'],
  ['/v1/sessions?status=busy', 'query.status'],
  ['/v1/grants?project_id=', 'query.project_id'],
])('names the mistake in %s', async (path, place) => {
  expect((await rig.ask('GET', path)).body).toMatchObject({
    code: 'request_invalid',
    status: 422,
    errors: [{ place }],
  });
});

it.each([
  '/v1/sessions/ses_00000000',
  '/v1/sessions/x/events',
  '/v1/sessions/x/events/stream',
  '/v1/sessions/x/turns',
  '/v1/sessions/x/queue',
])('knows no session at %s', async (path) => {
  expect((await rig.ask('GET', path)).body).toMatchObject({ code: 'session_not_found', status: 404 });
});

it('refuses a Last-Event-ID that is none', async () => {
  const answer = await rig.ask('GET', `/v1/sessions/${session_id}/events/stream`, {
    headers: { 'last-event-id': 'x1' },
  });
  expect(answer.body).toMatchObject({ code: 'request_invalid', errors: [{ place: 'header last-event-id' }] });
});

it('answers a malformed path with a problem', async () => {
  expect((await rig.ask('GET', '/v1/sessions/%E0%A4%A')).body).toMatchObject({ code: 'route_not_found', status: 404 });
});
