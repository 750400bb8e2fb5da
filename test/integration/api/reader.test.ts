/** /docs in a real browser: it shows the contract, takes the token as a password, and nothing of it comes from elsewhere or goes there. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRig, type Rig } from './rig.ts';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);
/** For the title of what a developer's tool tries. */
const BY = CHROMIUM ? '' : ' (not run: there is no chromium here)';

let rig: Rig;
beforeAll(async () => void (rig = await startRig()));
afterAll(() => rig.close());

const basic = (password: string, name = 'anybody') => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
async function get(path: string, authorization?: string): Promise<Response> {
  const answer = await fetch(rig.url + path, { headers: authorization === undefined ? {} : { authorization } });
  await answer.arrayBuffer(); // what nobody reads would hold the server
  return answer;
}

describe('the pages', () => {
  it('ask a browser for a password, and take the token for it, or as bearer', async () => {
    const asked = await get('/docs');
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Basic realm=/),
    ]);
    for (const authorization of [basic(rig.token), basic(rig.token, ''), `Bearer ${rig.token}`])
      expect((await get('/docs', authorization)).status).toBe(200);
    for (const authorization of [basic('wrong'), basic(''), `Basic ${rig.token}`, basic(`x:${rig.token}`), 'Basic !'])
      expect((await get('/docs', authorization)).status).toBe(401);
  });

  it('are all that a password opens: what a browser sends by itself is no token elsewhere', async () => {
    for (const path of ['/v1/info', '/openapi.json', '/v1/sessions'])
      expect((await get(path, basic(rig.token))).status).toBe(401);
  });

  it('are two files and no more', async () => {
    const bearer = `Bearer ${rig.token}`;
    expect((await get('/docs/openapi.json', bearer)).headers.get('content-type')).toMatch(/json/);
    expect((await get('/docs/scalar.js', bearer)).headers.get('content-type')).toMatch(/javascript/);
    expect((await get('/docs/..%2Ftoken', bearer)).status).toBe(422);
  });
});

describe(`a browser${BY}`, () => {
  it.skipIf(!CHROMIUM)('shows the contract, and asks nobody else for anything', async () => {
    const door = createServer(({ url = '/', headers }, response) => {
      // as a browser does once it was given the password
      const inner = request(rig.url + url, { headers: { ...headers, authorization: basic(rig.token) } }, (answer) =>
        answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
      );
      inner.on('error', () => undefined).end();
      response.on('close', () => inner.destroy()); // a browser that is gone waits for nothing
    });
    const shown = await browse(`${await listening(door)}/docs`);
    door.close();
    for (const words of ['Record a session', 'the first answer wins', '/v1/sessions/{session_id}/events/stream'])
      expect(shown.text).toContain(words);
    expect(shown.foreign).toEqual([]);
  });

  it.skipIf(!CHROMIUM)('would be seen asking: the control', async () => {
    const page = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<img src="http://elsewhere.example/a.png"><p>Here</p>'),
    );
    const url = await listening(page);
    const shown = await browse(url);
    page.close();
    expect(shown.text).toContain('Here');
    expect(shown.foreign).toEqual(['GET http://elsewhere.example/a.png']);
  });
});

interface Shown {
  /** The words of the page after its script ran. */
  readonly text: string;
  /** What was asked of anybody but this machine. */
  readonly foreign: readonly string[];
}

/** What Chromium asks its maker by itself, whatever it is told. */
const ITS_OWN =
  /^\w+ (https?:\/\/)?((update|safebrowsing|optimizationguide-pa|content-autofill)\.googleapis\.com|(clients\d?|accounts|www)\.google\.com|[\w.]+\.gvt1\.com)[:/]/;

/** Everything but loopback goes through a proxy that writes it down and answers nothing. */
async function browse(url: string): Promise<Shown> {
  const foreign: string[] = [];
  const proxy = createServer((request, response) => {
    foreign.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    foreign.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 502 No\r\n\r\n');
  });
  const by = await listening(proxy);
  const profile = mkdtempSync(join(tmpdir(), 'tack-browser-'));
  const quiet = [
    'background-networking',
    'component-update',
    'sync',
    'default-apps',
    'extensions',
    'domain-reliability',
  ];
  try {
    const browser = spawn(CHROMIUM ?? '', [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--no-pings', `--user-data-dir=${profile}`],
      ...quiet.map((feature) => `--disable-${feature}`),
      '--disable-features=OptimizationHints,MediaRouter,Translate,CertificateTransparencyComponentUpdater',
      ...[`--proxy-server=${by}`, '--virtual-time-budget=8000', '--dump-dom', url],
    ]);
    const [page] = await Promise.all([text(browser.stdout), once(browser, 'close')]);
    const words = page.replaceAll(/<(style|script)[^]*?<\/\1>/g, '').replaceAll(/<[^>]*>/g, '');
    return { text: words, foreign: foreign.filter((asked) => !ITS_OWN.test(asked)) };
  } finally {
    proxy.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
