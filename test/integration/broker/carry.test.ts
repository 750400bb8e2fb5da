import { statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cuttingProxy, type CuttingProxy } from '../../support/cutting-proxy.ts';
import { until } from '../../support/until.ts';
import { ALLOW, CLIENT_HEADERS, endpoint, message, openRig, SESSION, staleEpoch, type Rig } from './rig.ts';

let rig: Rig;
let dir: string;
beforeAll(async () => void (rig = await openRig()));
afterAll(() => rig.close());
beforeEach(async () => {
  rig.answerWith(() => ALLOW);
  dir = await rig.open();
});

const problem = (body: string) =>
  JSON.parse(body) as Record<string, string> & { error: { type: string; message: string } };
const tokensOf = (words: string) => rig.model.requests().findLast(({ tag }) => tag === words)?.usage;

describe('a model request', () => {
  it('reaches the upstream with the key of the broker, and nothing of what came from inside', async () => {
    const answered = await rig.ask(dir, '[[text {"text":"hello"}]]');
    expect(answered.status).toBe(200);
    expect(answered.body).toContain('hello');
    expect(rig.model.requests().at(-1)?.credential).toBe(rig.canary_hash);
    expect(rig.asked.at(-1)).toEqual({
      session_id: SESSION,
      epoch: 1,
      action: {
        kind: 'model.request',
        cwd: '/home/agent/work',
        provider: 'anthropic',
        model: 'claude-sonnet-4-5',
        max_tokens: 1000,
      },
    });
  });

  it('tells the worker what it cost before the client hears its end, in the figures of the server', async () => {
    const words = '[[usage {"input":123,"output":45,"cacheRead":6,"cacheWrite":7}]]';
    for (const stream of [true, false]) {
      const before = rig.usages.length;
      await rig.ask(dir, words, { stream });
      expect(rig.usages.slice(before)).toEqual([
        {
          session_id: SESSION,
          epoch: 1,
          turn_id: 'trn_1',
          request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/) as string,
          model: 'claude-sonnet-4-5',
          input_tokens: 123,
          output_tokens: 45,
          cache_read_tokens: 6,
          cache_write_tokens: 7,
          partial: false,
          status: 200,
        },
      ]);
    }
    expect(tokensOf(words)).toMatchObject({ input_tokens: 123, output_tokens: 45 });
  });

  it('streams: the first words are here while the model still writes', async () => {
    const chunks: number[] = [];
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      const sent = request(
        {
          socketPath: join(dir, 'e.sock'),
          method: 'POST',
          path: '/v1/messages',
          headers: CLIENT_HEADERS,
          agent: false,
        },
        (response) => response.on('data', () => chunks.push(performance.now() - started)).on('end', resolve),
      );
      sent.once('error', reject);
      sent.end(JSON.stringify(message('[[slowtext {"n":40,"ms":25}]]')));
    });
    const [first = 0, last = 0] = [chunks[0], chunks.at(-1)];
    expect(last - first).toBeGreaterThan(700); // 40 words, 25 ms each: had they been held, they had come at once
    expect(chunks.length).toBeGreaterThan(30);
  });

  it('is given up upstream when its client goes away, and its partial cost is told', async () => {
    const words = '[[slowtext {"n":2000,"ms":20}]]';
    const before = rig.usages.length;
    await new Promise<void>((resolve) => {
      const sent = request(
        {
          socketPath: join(dir, 'e.sock'),
          method: 'POST',
          path: '/v1/messages',
          headers: CLIENT_HEADERS,
          agent: false,
        },
        (response) => response.once('data', () => (sent.destroy(), resolve())).on('error', () => undefined),
      );
      sent.on('error', () => undefined);
      sent.end(JSON.stringify(message(words)));
    });
    await until(
      'the model server to see it',
      () => rig.model.requests().findLast(({ tag }) => tag === words)?.ended === 'aborted',
    );
    const usage = await until('the cost', () => rig.usages[before]);
    expect(usage).toMatchObject({ partial: true, input_tokens: tokensOf(words)?.input_tokens, output_tokens: 1 });
  });

  it('that breaks on the way breaks for the client, and its cost is partial', async () => {
    let proxy: CuttingProxy | undefined;
    const broken = await openRig(async (model) => {
      proxy = await cuttingProxy(Number(new URL(model.url).port), () => 2_000);
      return { ANTHROPIC_BASE_URL: proxy.url };
    });
    try {
      const words = '[[slowtext {"n":900,"ms":1}]]';
      await expect(broken.ask(await broken.open(), words)).rejects.toThrow(/aborted|ECONNRESET/);
      const usage = await until('the cost', () => broken.usages[0]);
      expect(usage).toMatchObject({ status: 200, partial: true, input_tokens: 1000, output_tokens: 1 });
    } finally {
      await broken.close();
      await proxy?.close();
    }
  });

  it('passes on what the provider refused, with the words of when to come again', async () => {
    const answered = await rig.ask(dir, '[[err {"status":429,"after":7,"times":1}]]');
    expect(answered).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(rig.usages.at(-1)).toMatchObject({ status: 429, input_tokens: 0, partial: false });
  });

  it('may count tokens and list models; a greeting is answered without leaving', async () => {
    expect(await rig.ask(dir, 'x', { path: '/v1/messages/count_tokens' })).toMatchObject({ status: 200 });
    expect(await rig.ask(dir, '', { method: 'GET', path: '/v1/models' })).toMatchObject({ status: 200 });
    const judged = rig.asked.length;
    expect(await rig.ask(dir, '', { method: 'HEAD', path: '/' })).toMatchObject({ status: 200 });
    expect(rig.asked).toHaveLength(judged);
  });
});

describe('the judge', () => {
  const rule = { name: 'no-models', level: 'agent' as const, reason: 'Not this model.' };
  const words = '[[text {"text":"judged"}]]';
  const seen = () => rig.model.requests().length;

  it('denies: 403 with the rule, and nothing leaves', async () => {
    rig.answerWith(() => ({ effect: 'deny', rules: [rule] }));
    const before = seen();
    const { status, headers, body } = await rig.ask(dir, words);
    expect(status).toBe(403);
    expect(headers).toMatchObject({ 'x-tack-denied': 'no-models', 'x-should-retry': 'false' });
    expect(problem(body)).toMatchObject({
      code: 'policy_denied',
      rule: 'no-models',
      error: { type: 'permission_error' },
    });
    expect(problem(body).error.message).toContain('Not this model.');
    expect(seen()).toBe(before);
  });

  it('asks: that is a no for now, and says so', async () => {
    rig.answerWith(() => ({ effect: 'ask', rules: [rule] }));
    const before = seen();
    const { status, body } = await rig.ask(dir, words);
    expect(status).toBe(403);
    expect(problem(body).error.message).toContain('wants a person asked');
    expect(seen()).toBe(before);
  });

  it('says that the attempt is over: nothing leaves', async () => {
    rig.answerWith(staleEpoch);
    const before = seen();
    const { status, body } = await rig.ask(dir, words);
    expect(status).toBe(403);
    expect(problem(body).code).toBe('turn_over');
    expect(seen()).toBe(before);
  });

  it('fails: nothing leaves', async () => {
    rig.answerWith(() => {
      throw new Error('broken');
    });
    const before = seen();
    expect(await rig.ask(dir, words)).toMatchObject({ status: 503 });
    expect(seen()).toBe(before);
  });

  it('is not there: 503, nothing leaves; as soon as it is back, the same request passes', async () => {
    const before = seen();
    await rig.stopJudge();
    const { status, body } = await rig.ask(dir, words);
    expect(status).toBe(503);
    expect(problem(body)).toMatchObject({ code: 'broker_unavailable', rule: 'judged-or-nothing' });
    expect(seen()).toBe(before);
    await rig.startJudge();
    expect(await rig.ask(dir, words)).toMatchObject({ status: 200 });
    expect(seen()).toBe(before + 1);
  });

  it('hears of the cost as soon as it is back', async () => {
    const before = rig.usages.length;
    const asking = rig.ask(dir, '[[block {"gate":"away"}]]', { stream: false });
    await rig.model.reached('away');
    await rig.stopJudge();
    rig.model.release('away');
    const answered = await asking;
    expect(answered.status).toBe(200);
    expect(rig.usages).toHaveLength(before);
    await rig.startJudge();
    await until('the cost', () => rig.usages.length > before);
  });
});

describe('an endpoint', () => {
  it('is the same folder for the same session, closed to other users', async () => {
    expect(await rig.open()).toBe(dir);
    expect(join(dir, 'e.sock').length).toBeLessThanOrEqual(107);
    const [folder, socket, control] = [dir, join(dir, 'e.sock'), join(rig.run_folder, 'broker.sock')].map((path) =>
      statSync(path),
    );
    expect([folder?.mode, socket?.mode, control?.mode].map((mode = 0o777) => mode & 0o007)).toEqual([0, 0, 0]);
    expect([folder?.uid, socket?.uid, control?.uid]).toEqual(Array.from({ length: 3 }, () => process.getuid?.()));
  });

  it('of an older attempt is refused, of a newer one replaces it with all its connections', async () => {
    const cut = rig.ask(dir, '[[block {"gate":"old"}]]').catch((error: Error) => error.message);
    await rig.model.reached('old');
    expect(await rig.open({ epoch: 2, turn_id: 'trn_2' })).toBe(dir);
    expect(await cut).toMatch(/socket hang up|ECONNRESET/);
    const late = await rig.control('PUT', `/endpoints/${SESSION}`, endpoint({ epoch: 1 }));
    expect(late.status).toBe(409);
    expect(await rig.ask(dir, '[[text {"text":"new"}]]')).toMatchObject({ status: 200 });
    expect(rig.usages.at(-1)).toMatchObject({ epoch: 2, turn_id: 'trn_2' });
    await rig.control('DELETE', `/endpoints/${SESSION}`);
  });

  it('that is closed answers after the cost of what it cut is told, and is gone', async () => {
    const words = '[[slowtext {"n":900,"ms":20}]]';
    const before = rig.usages.length;
    const cut = rig.ask(dir, words).catch((error: Error) => error.message);
    await until('the request', () => rig.model.requests().some(({ tag }) => tag === words));
    expect(await rig.control('DELETE', `/endpoints/${SESSION}`)).toMatchObject({ status: 200 });
    expect(rig.usages.slice(before)).toMatchObject([{ partial: true }]);
    expect(await cut).toMatch(/socket hang up|aborted|ECONNRESET/);
    expect(statSync(dir, { throwIfNoEntry: false })).toBeUndefined();
    await expect(rig.ask(dir, words)).rejects.toThrow(/ENOENT/);
  });

  it('needs a known session, one upstream and a judge of the run folder', async () => {
    const put = (path: string, body: unknown) => rig.control('PUT', path, body);
    const [model] = endpoint().upstreams;
    expect(await put('/endpoints/..%2f..', endpoint())).toMatchObject({ status: 404 });
    expect(await put(`/endpoints/${SESSION}`, endpoint({ judge: '../judge.sock' }))).toMatchObject({ status: 422 });
    expect(
      await put(`/endpoints/${SESSION}`, endpoint({ upstreams: [model!, { ...model!, name: 'other' }] })),
    ).toMatchObject({ status: 422 });
    expect(await put(`/endpoints/${SESSION}`, {})).toMatchObject({ status: 422 });
    const unknown = endpoint({ upstreams: [{ ...model!, credential_ref: 'openai' }] });
    expect(await put(`/endpoints/${SESSION}`, unknown)).toMatchObject({ status: 424 });
  });
});
