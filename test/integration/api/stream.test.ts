import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../src/api/contract/client.ts';
import type { Followed } from '../../../src/api/contract/event-stream.ts';
import { listenForFrames } from '../../../src/api/server/stream/frames-socket.ts';
import type { Frame } from '../../../src/domain/events/envelope.ts';
import { cuttingProxy } from '../../support/cutting-proxy.ts';
import { until } from '../../support/until.ts';
import { startRig, type Rig } from './rig.ts';

let rig: Rig;
let session_id: string;
let stop: AbortController;

beforeEach(async () => {
  rig = await startRig();
  session_id = (await rig.client.sessions.create({ body: { agent: 'scripted' } })).id;
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rig.close();
});

const message = (text: string, item_id?: string) => ({
  type: 'agent.message' as const,
  turn_id: 'trn_1',
  data: { text, ...(item_id && { item_id }) },
});

/** Follows until a condition holds of what was heard; then stops. */
async function hear(
  stream: AsyncIterable<Followed>,
  isEnough: (heard: readonly Followed[]) => boolean,
  step?: (one: Followed) => Promise<void> | void,
): Promise<Followed[]> {
  const heard: Followed[] = [];
  for await (const one of stream) {
    heard.push(one);
    await step?.(one);
    if (isEnough(heard)) break;
  }
  return heard;
}
const seqs = (heard: readonly Followed[]) => heard.flatMap((one) => (one.kind === 'event' ? [one.event.seq] : []));
const frames = (heard: readonly Followed[]) => heard.flatMap((one) => (one.kind === 'frame' ? [one.frame] : []));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

/** The raw bytes of a stream, as they come. */
function rawStream(query = '', headers: readonly string[] = []) {
  const socket = connect(rig.port, '127.0.0.1');
  let text = '';
  socket.on('error', () => {});
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.write(
    [
      `GET /v1/sessions/${session_id}/events/stream${query} HTTP/1.1`,
      `Host: 127.0.0.1:${rig.port}`,
      `Authorization: Bearer ${rig.token}`,
      ...headers,
      '',
      '',
    ].join('\r\n'),
  );
  return { socket, text: () => text };
}

describe('a stream', () => {
  it('says that it is ready, replays from the store, and goes on live', async () => {
    await rig.store.say(session_id, message('one'), message('two'));
    const heard = await hear(
      rig.client.events(session_id, { signal: stop.signal }),
      (all) => seqs(all).length === 4,
      async (one) => {
        if (one.kind === 'event' && one.event.seq === 2)
          await rig.store.say(session_id, message('three'), message('four'));
      },
    );
    expect(heard[0]).toEqual({ kind: 'connection', state: 'open' });
    expect(heard[1]).toEqual({ kind: 'frame', frame: { type: 'stream.ready', head_seq: 2, resume: 'ok' } });
    expect(seqs(heard)).toEqual([1, 2, 3, 4]);
  });

  it('has an id on durable events only, and the headers that proxies need', async () => {
    await rig.store.say(session_id, message('one'));
    const { socket, text } = rawStream();
    await until('the first event', () => text().includes('"seq":1'));
    rig.hub.publish(session_id, { type: 'item.started', item_id: 'itm_1', kind: 'message' });
    await until('the frame', () => text().includes('item.started'));
    socket.destroy();
    expect(text()).toMatch(/content-type: text\/event-stream/);
    expect(text()).toMatch(/cache-control: no-cache, no-transform/);
    expect(text()).toMatch(/x-accel-buffering: no/);
    expect(text()).toMatch(/retry: \d+/);
    expect(text().match(/^id: .*$/gm)).toEqual(['id: 1']);
  });

  it('believes Last-Event-ID more than `after`', async () => {
    await rig.store.say(session_id, message('one'), message('two'), message('three'));
    const { socket, text } = rawStream('?after=0', ['Last-Event-ID: 2']);
    await until('the last event', () => text().includes('"seq":3'));
    socket.destroy();
    expect(text().match(/^id: .*$/gm)).toEqual(['id: 3']);
  });

  it('gives only the types that were asked for, and no deltas when they are not wanted', async () => {
    await rig.store.say(session_id, message('one'), { type: 'turn.completed', turn_id: 'trn_1' }, message('two'));
    const heard = await hear(
      rig.client.events(session_id, { signal: stop.signal, types: ['turn.completed'], deltas: false }),
      (all) => seqs(all).length === 2,
      async (one) => {
        if (one.kind !== 'event' || one.event.seq !== 2) return;
        rig.hub.publish(session_id, { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'x' });
        await rig.store.say(session_id, { type: 'turn.completed', turn_id: 'trn_2' });
      },
    );
    expect(seqs(heard)).toEqual([2, 4]);
    expect(frames(heard).map(({ type }) => type)).toEqual(['stream.ready']);
  });

  it('beats its heart', async () => {
    const quick = await startRig({ limits: { heartbeat_ms: 20 } });
    try {
      const { id } = await quick.client.sessions.create({ body: { agent: 'scripted' } });
      const heard = await hear(
        quick.client.events(id, { signal: stop.signal }),
        (all) => frames(all).filter(({ type }) => type === 'heartbeat').length === 3,
      );
      expect(frames(heard).at(-1)).toEqual({ type: 'heartbeat' });
    } finally {
      await quick.close();
    }
  });

  it('ends with the server', async () => {
    const follow = rig.client.events(session_id, { signal: stop.signal });
    const heard = await hear(
      follow,
      (all) => all.some((one) => one.kind === 'connection' && one.state === 'lost'),
      async (one) => {
        if (one.kind === 'frame') void rig.close();
      },
    );
    expect(heard.at(-1)).toMatchObject({ kind: 'connection', state: 'lost', tries: 1 });
    rig = await startRig();
  });
});

describe('a stream that is cut', () => {
  it('resumes without gap or double, wherever it was cut: 400 events over a line that breaks again and again', async () => {
    const random = seeded(42);
    const proxy = await cuttingProxy(rig.port, () => 400 + Math.floor(random() * 12_000));
    try {
      const client = createClient({ base_url: proxy.url, token: rig.token });
      const writing = (async () => {
        for (let n = 0; n < 400; n += 4) {
          await rig.store.say(
            session_id,
            ...[0, 1, 2, 3].map((k) => message(`event ${n + k} ${'x'.repeat(Math.floor(random() * 300))}`)),
          );
          rig.hub.publish(session_id, {
            type: 'item.delta',
            item_id: `itm_${n}`,
            channel: 'text',
            delta: 'some words',
          });
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const heard = await hear(
        client.events(session_id, { signal: stop.signal, longest_wait_ms: 20 }),
        (all) => seqs(all).length >= 400,
      );
      await writing;
      expect(seqs(heard)).toEqual(upTo(400));
      expect(proxy.cuts()).toBeGreaterThan(20);
    } finally {
      await proxy.close();
    }
  });

  it('shows the whole text of an item that was half said when the client came back', async () => {
    rig.hub.publish(session_id, { type: 'item.started', item_id: 'itm_1', kind: 'message' });
    rig.hub.publish(session_id, { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'Hello, ' });
    const heard = await hear(
      rig.client.events(session_id, { signal: stop.signal }),
      (all) => seqs(all).length === 1,
      async (one) => {
        if (one.kind !== 'frame' || one.frame.type !== 'item.snapshot') return;
        rig.hub.publish(session_id, { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'world' });
        await rig.store.say(session_id, message('Hello, world', 'itm_1'));
      },
    );
    expect(frames(heard)).toEqual<Frame[]>([
      { type: 'stream.ready', head_seq: 0, resume: 'ok' },
      { type: 'item.started', item_id: 'itm_1', kind: 'message' },
      { type: 'item.snapshot', item_id: 'itm_1', text: 'Hello, ' },
      { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'world' },
    ]);
  });

  it('shows no snapshot of an item that stands in the log', async () => {
    rig.hub.publish(session_id, { type: 'item.started', item_id: 'itm_1', kind: 'message' });
    rig.hub.publish(session_id, { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'Hello' });
    await rig.store.say(session_id, message('Hello', 'itm_1'));
    const heard = await hear(
      rig.client.events(session_id, { signal: stop.signal }),
      (all) => seqs(all).length === 2,
      async (one) => {
        if (one.kind === 'event' && one.event.seq === 1) await rig.store.say(session_id, message('next'));
      },
    );
    expect(frames(heard).map(({ type }) => type)).toEqual(['stream.ready']);
  });

  it('finds the server again on another port', async () => {
    await rig.store.say(session_id, message('one'));
    const second = await startRig({
      parts: { log: rig.store.log, records: rig.store.records, projections: rig.store.projections },
    });
    try {
      let url = rig.url;
      const client = createClient({ base_url: () => url, token: rig.token });
      const heard = await hear(
        client.events(session_id, { signal: stop.signal }),
        (all) => seqs(all).length === 2,
        async (one) => {
          if (one.kind !== 'event' || one.event.seq !== 1) return;
          url = second.url;
          await rig.close();
          await rig.store.say(session_id, message('two'));
        },
      );
      expect(seqs(heard)).toEqual([1, 2]);
      expect(heard.filter((one) => one.kind === 'connection').map(({ state }) => state)).toEqual(
        expect.arrayContaining(['open', 'lost', 'open']),
      );
    } finally {
      await second.close();
    }
  });
});

describe('a reader', () => {
  it('that takes nothing is closed once its buffer is full, and resumes', async () => {
    const { socket, text } = rawStream();
    await until('the stream', () => text().includes('stream.ready'));
    socket.pause();
    const closed = once(socket, 'close');
    const delta = 'x'.repeat(50_000);
    await until('the server to close the slow reader', async () => {
      for (let n = 0; n < 20; n++)
        rig.hub.publish(session_id, { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta });
      await new Promise((resolve) => setImmediate(resolve));
      return rig.endedStreams() === 1;
    });
    socket.resume();
    await closed;
    await rig.store.say(session_id, message('after'));
    expect(
      seqs(await hear(rig.client.events(session_id, { signal: stop.signal }), (all) => seqs(all).length === 1)),
    ).toEqual([1]);
  });

  it('that stalls in the middle of a replay is closed', async () => {
    const strict = await startRig({ limits: { stalled_after_ms: 50 } });
    try {
      const { id } = await strict.client.sessions.create({ body: { agent: 'scripted' } });
      for (let n = 0; n < 100; n++)
        await strict.store.say(id, ...Array.from({ length: 10 }, () => message('y'.repeat(20_000))));
      const socket = connect(strict.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      socket.write(
        [
          `GET /v1/sessions/${id}/events/stream HTTP/1.1`,
          `Host: 127.0.0.1:${strict.port}`,
          `Authorization: Bearer ${strict.token}`,
          '',
          '',
        ].join('\r\n'),
      );
      await until('the server to close the stalled reader', () => strict.endedStreams() === 1);
      socket.destroy();
    } finally {
      await strict.close();
    }
  });
});

describe('the client', () => {
  it('stops for good when the token is wrong or the session is not there', async () => {
    await expect(
      hear(createClient({ base_url: rig.url, token: 'wrong' }).events(session_id), () => false),
    ).rejects.toMatchObject({ code: 'auth_failed' });
    await expect(hear(rig.client.events('ses_00000000'), () => false)).rejects.toMatchObject({
      code: 'session_not_found',
    });
  });

  it('waits longer and longer, within bounds, while nobody answers', async () => {
    const client = createClient({ base_url: 'http://127.0.0.1:1', token: 'x' });
    const heard = await hear(
      client.events(session_id, { signal: stop.signal, longest_wait_ms: 120 }),
      (all) => all.length === 4,
    );
    expect(heard.map((one) => one.kind === 'connection' && one.state === 'lost' && one.wait_ms)).toEqual([
      50, 100, 120, 120,
    ]);
  });

  it('takes silence for a dead connection', async () => {
    const heard = await hear(rig.client.events(session_id, { signal: stop.signal, stale_after_ms: 40 }), (all) =>
      all.some((one) => one.kind === 'connection' && one.state === 'lost'),
    );
    expect(heard.at(-1)).toMatchObject({ state: 'lost', reason: expect.stringContaining('silent') });
  });

  it('ends when it is aborted, also while it waits', async () => {
    const heard = hear(
      rig.client.events(session_id, { signal: stop.signal }),
      () => false,
      (one) => {
        if (one.kind === 'frame') stop.abort();
      },
    );
    expect((await heard).at(-1)).toMatchObject({ kind: 'frame' });
  });
});

describe('frames.sock', () => {
  it('carries frames and wake-ups, and shrugs at what it does not know', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tack-run-'));
    const path = join(folder, 'frames.sock');
    const parts = { hub: rig.hub, log: rig.store.log, logger: pino({ level: 'silent' }) };
    await (await listenForFrames(path, parts)).close();
    const socket = await listenForFrames(path, parts); // a dead server's socket is replaced
    try {
      const worker = connect(path);
      const line = (value: unknown) => worker.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
      const heard = await hear(
        rig.client.events(session_id, { signal: stop.signal }),
        (all) => frames(all).length === 3,
        (one) => {
          if (one.kind !== 'frame' || one.frame.type !== 'stream.ready') return;
          line('nonsense');
          line({ session_id, frame: { type: 'from.the.future' } });
          line({ session_id, frame: { type: 'item.started', item_id: 'itm_1', kind: 'message' } });
          const split = JSON.stringify({
            session_id,
            frame: { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'é'.repeat(10) },
          });
          worker.write(split.slice(0, 90));
          setImmediate(() => worker.write(`${split.slice(90)}\n`));
        },
      );
      expect(frames(heard).slice(1)).toEqual([
        { type: 'item.started', item_id: 'itm_1', kind: 'message' },
        { type: 'item.delta', item_id: 'itm_1', channel: 'text', delta: 'é'.repeat(10) },
      ]);
      let woken = 0;
      rig.store.log.watch(session_id, () => (woken += 1), stop.signal);
      line({ session_id, head_seq: 7 });
      await until('the wake-up', () => woken === 1);
      worker.destroy();
    } finally {
      await socket.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}
