import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../../src/api/contract/routes.ts';
import { startRig, type Rig } from './rig.ts';

let rig: Rig;
beforeAll(async () => void (rig = await startRig()));
afterAll(() => rig.close());

const pathFor = (path: string) =>
  path.replace('{project_id}', 'prj_0123456789abcdef').replaceAll(/\{\w+\}/g, 'ses_00000000') +
  (path.endsWith('/refs') ? '?service=git-upload-pack' : '');

/** A request with headers that fetch would not send. */
function raw(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(rig.port, '127.0.0.1', () =>
      socket.end([...lines, 'Connection: close', '', ''].join('\r\n')),
    );
    let answer = '';
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => (answer += text))
      .on('end', () => resolve(answer))
      .on('error', reject);
  });
}

describe('every route of the table', () => {
  it.each(ALL_ROUTES.map(([name, row]) => ({ name, row })))(
    '$name lets nobody in without the token',
    async ({ row }) => {
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Bearer ${rig.token}x`,
        `Basic ${rig.token}`,
        rig.token,
        'Bearer ',
      ]) {
        const response = await fetch(rig.url + pathFor(row.path), {
          method: row.method,
          headers: {
            ...(authorization !== undefined && { authorization }),
            ...(row.body && { 'content-type': 'application/json' }),
          },
          ...(row.body && { body: '{}' }),
        });
        const text = await response.text();
        if (!row.auth) expect(response.status).toBe(200);
        else if (row.form === 'git') {
          expect(response.status).toBe(403);
          expect(response.headers.get('content-type')).toContain('text/plain');
          expect(response.headers.get('www-authenticate')).toBeNull();
        } else {
          expect(response.status).toBe(401);
          expect(JSON.parse(text)).toMatchObject({
            code: 'auth_failed',
            status: 401,
            remediation: expect.stringContaining('token'),
          });
        }
      }
    },
  );

  it.each(ALL_ROUTES.map(([name, row]) => ({ name, row })))(
    '$name refuses another host and another origin',
    async ({ row }) => {
      const start = `${row.method} ${pathFor(row.path)} HTTP/1.1`;
      const token = `Authorization: Bearer ${rig.token}`;
      const attacks = [
        ['Host: evil.example'],
        ['Host: 127.0.0.1.evil.example'],
        [`Host: evil.example:${rig.port}`],
        [`Host: 127.0.0.1:${rig.port}`, 'Origin: http://evil.example'],
        [`Host: 127.0.0.1:${rig.port}`, 'Origin: null'],
        [`Host: 127.0.0.1:${rig.port}`, `Origin: https://127.0.0.1:${rig.port}`],
      ];
      for (const headers of attacks) {
        const answer = await raw([start, ...headers, token]);
        expect(answer.split('\r\n')[0]).toContain('403');
        expect(answer).toMatch(row.form === 'git' ? /text\/plain/ : /"code":"origin_refused"/);
        expect(answer).not.toMatch(/access-control/i);
      }
    },
  );
});

it('lets the page of this server itself in', async () => {
  const answer = await raw([
    'GET /v1/info HTTP/1.1',
    `Host: localhost:${rig.port}`,
    `Origin: http://localhost:${rig.port}`,
    `Authorization: Bearer ${rig.token}`,
  ]);
  expect(answer.split('\r\n')[0]).toContain('200');
});

it('tells nobody without the token which routes there are', async () => {
  const response = await fetch(`${rig.url}/v1/nothing`);
  expect(response.status).toBe(401);
  expect((await rig.ask('GET', '/v1/nothing')).body).toMatchObject({ status: 404, code: 'route_not_found' });
  expect((await rig.ask('PATCH', '/v1/sessions')).body).toMatchObject({ status: 404, code: 'route_not_found' });
});

it('writes neither token nor body into its log', async () => {
  const canary = 'canary-in-a-prompt';
  await rig.ask('POST', '/v1/sessions', { body: { agent: 'scripted', input: [{ type: 'text', text: canary }] } });
  await rig.ask('PUT', '/v1/credentials', {
    body: { ref: 'anthropic', kind: 'api_key', secret: 'sk-canary', base_url: null, source: 'test' },
  });
  await rig.ask('POST', '/v1/sessions', { text: '{"secret": sk-canary}' });
  const lines = rig.log_lines.join('');
  expect(lines).toContain('http.answered');
  for (const secret of [rig.token, canary, 'sk-canary']) expect(lines).not.toContain(secret);
});
