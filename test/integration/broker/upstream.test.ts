/** Upstreams that are not what they should be: echoes, redirects, unknown certificates, hosts that are elsewhere. */
import { readFileSync } from 'node:fs';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { CLIENT_HEADERS, endpoint, message, openRig, SESSION, type Rig } from './rig.ts';

const open: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => (server.closeAllConnections(), void server.close()));
  return (server.address() as AddressInfo).port;
}
const upstream = async (answer: RequestListener) => `http://127.0.0.1:${await listening(createServer(answer))}`;
async function rigWith(env: NodeJS.ProcessEnv): Promise<Rig> {
  const rig = await openRig(() => env);
  open.push(rig.close);
  return rig;
}
const ask = async (rig: Rig) => rig.ask(await rig.open(), '[[text {"text":"x"}]]', { stream: false });

describe('the key', () => {
  it('is not heard from an upstream that echoes it: in headers, in a body, in two pieces, in base64', async () => {
    let heard = '';
    const url = await upstream((request, response) => {
      const key = String(request.headers['x-api-key']);
      heard = key;
      response.writeHead(401, {
        'content-type': 'application/json',
        'request-id': `for ${key}`,
        'set-cookie': `k=${key}`,
        'x-echo': key,
      });
      response.write(`{"error":"bad key ${key.slice(0, 9)}`);
      setTimeout(() => response.end(`${key.slice(9)}, ${Buffer.from(key).toString('base64')}, ${key}"}`), 50);
    });
    const rig = await rigWith({ ANTHROPIC_BASE_URL: url });
    const answered = await ask(rig);
    expect(heard).toBe(rig.canary); // the control: the upstream had it, and said it
    const all = JSON.stringify(answered);
    expect(answered.status).toBe(401);
    expect(answered.body).toMatch(/^\{"error":"bad key \*+, \*+=*, \*+"\}$/);
    expect(all).not.toContain(rig.canary);
    expect(all).not.toContain(Buffer.from(rig.canary).toString('base64').slice(0, 24));
    expect(answered.headers).not.toHaveProperty('set-cookie');
    expect(answered.headers).not.toHaveProperty('x-echo');
    expect(rig.log()).not.toContain(rig.canary);
  });

  it('goes to no place that a redirect names', async () => {
    const visits: string[] = [];
    const elsewhere = await upstream((request, response) => {
      visits.push(String(request.headers['x-api-key']));
      response.end('{}');
    });
    const url = await upstream((_request, response) =>
      response.writeHead(307, { location: `${elsewhere}/v1/messages` }).end(),
    );
    const rig = await rigWith({ ANTHROPIC_BASE_URL: url });
    const answered = await ask(rig);
    expect(answered.status).toBe(502);
    expect(answered.body).toContain('a redirect, 307, is not followed');
    expect(visits).toEqual([]);
    await fetch(`${url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'control' } });
    expect(visits).toEqual(['control']);
  });

  it('is a bearer token where it was given as one, and stays below the path of its base URL', async () => {
    const seen: unknown[] = [];
    const url = await upstream(({ url: path, headers }, response) => {
      seen.push([path, headers.authorization, headers['x-api-key'], headers['cookie'], headers.host]);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const rig = await rigWith({
      ANTHROPIC_API_KEY: '',
      ANTHROPIC_AUTH_TOKEN: 'a-token-of-mine',
      ANTHROPIC_BASE_URL: `${url}/gateway/`,
    });
    expect(await ask(rig)).toMatchObject({ status: 200 });
    expect(seen).toEqual([
      ['/gateway/v1/messages?beta=true', 'Bearer a-token-of-mine', undefined, undefined, url.slice(7)],
    ]);
  });

  it.each([
    'http://192.0.2.1:8080',
    'http://example.org',
    'ftp://127.0.0.1',
    'https://user:pass@127.0.0.1',
    'not a url',
  ])('has nowhere to go with the base URL %s: the session is told before it starts', async (base_url) => {
    const rig = await rigWith({ ANTHROPIC_BASE_URL: base_url });
    const { status, body } = await rig.control('PUT', `/endpoints/${SESSION}`, endpoint());
    expect(status).toBe(424);
    expect(JSON.parse(body)).toMatchObject({
      code: 'credential_missing',
      detail: expect.stringContaining('base URL of ANTHROPIC_API_KEY') as string,
    });
  });
});

describe('an upstream by TLS', () => {
  it('is trusted by the roots of NODE_EXTRA_CA_CERTS, and only then', async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => fileURLToPath(new URL(`tls/${name}`, import.meta.url)));
    if (!key || !cert) throw new Error('unreachable');
    const keys: unknown[] = [];
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ headers }, response) => {
      keys.push(headers['x-api-key']);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    const url = `https://localhost:${await listening(server as unknown as Server)}`;

    const stranger = await rigWith({ ANTHROPIC_BASE_URL: url });
    const refused = await ask(stranger);
    expect(refused.status).toBe(502);
    expect(refused.body).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(keys).toEqual([]);

    const friend = await rigWith({ ANTHROPIC_BASE_URL: url, NODE_EXTRA_CA_CERTS: cert });
    expect(await ask(friend)).toMatchObject({ status: 200 });
    expect(keys).toEqual([friend.canary]);

    const given = await rigWith({ ANTHROPIC_API_KEY: '' });
    const credential = {
      ref: 'anthropic',
      kind: 'api_key',
      secret: 'sk-given-by-hand',
      base_url: url,
      source: 'a test',
      ca: readFileSync(cert, 'utf8'),
    };
    expect(await given.control('PUT', '/credentials', credential)).toMatchObject({ status: 200 });
    expect(await ask(given)).toMatchObject({ status: 200 });
    expect(keys.at(-1)).toBe('sk-given-by-hand');
  });
});

describe('a client that reads slowly', () => {
  it('slows the upstream down, and costs the broker no memory', async () => {
    const whole = 300_000_000;
    const chunk = Buffer.alloc(100_000, '.');
    let sent = 0;
    const url = await upstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = (): void => {
        while (sent < whole) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const rig = await rigWith({ ANTHROPIC_BASE_URL: url });
    const dir = await rig.open();
    const resident = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${rig.broker().pid}/status`, 'utf8'))?.[1]) / 1000;
    const before = resident();
    const asking = request({
      socketPath: join(dir, 'e.sock'),
      method: 'POST',
      path: '/v1/messages',
      headers: CLIENT_HEADERS,
      agent: false,
    });
    asking.end(JSON.stringify(message('x')));
    const [answer] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
    let last = -1;
    await until('the upstream to stand still', () => sent > 0 && last === (last = sent));
    expect(sent).toBeLessThan(whole / 10);
    let received = 0;
    for await (const part of answer as AsyncIterable<Buffer>) received += part.length;
    expect(received).toBe(whole);
    expect(resident() - before).toBeLessThan(80); // MB, of 300 that passed
  });
});
