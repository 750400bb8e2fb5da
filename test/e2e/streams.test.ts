/**
 * A stream that is cut again and again, amid its messages, while its session works, and in each third round its server is killed. The
 * oracle is the log on the disk, read by SQLite alone. Two clients listen, each through a proxy of its own: ours, and one that shares
 * no line with it and leaves nothing out.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/api/contract/client.ts';
import { cuttingProxy, type CuttingProxy } from '../support/cutting-proxy.ts';
import { hearRaw } from '../support/raw-stream.ts';
import { record, rounds } from '../support/rounds.ts';
import { scripted, startSession } from '../support/session.ts';
import { storedLog } from '../support/stored-log.ts';
import { openRoom } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

/** What is compared: the place in the log, and the hash of all that came before. */
type Place = readonly [seq: unknown, prev_hash: unknown];
const placeOf = (event: Readonly<Record<string, unknown>>): Place => [event['seq'], event['prev_hash']];
const isEnd = (event: Readonly<Record<string, unknown>>) => event['type'] === 'turn.completed';

/** Words of one to four bytes a letter: a cut may also fall into the middle of a letter. */
const HALF = 14;
const words = (from: number) =>
  Array.from({ length: HALF }, (_, n) => ({
    say: `${from + n} ${'Grüße, 世界 🚲 '.repeat((n * 7) % 11)}end`,
    word_ms: 1,
  }));
const AGENT = scripted([...words(1), { wait_for: 'go' }, ...words(HALF + 1)]);

const urlOf = ({ url }: CuttingProxy, id: string) => `${url}/v1/sessions/${id}/events/stream?after=0`;

async function hearOurs({ url }: CuttingProxy, id: string): Promise<readonly Place[]> {
  const heard: Place[] = [];
  for await (const one of createClient({ base_url: url, token: room.served().token }).events(id)) {
    if (one.kind !== 'event') continue;
    heard.push(placeOf(one.event));
    if (isEnd(one.event)) break;
  }
  return heard;
}

async function hearTheirs(proxy: CuttingProxy, id: string, resumes = true): Promise<readonly Place[]> {
  const messages = await hearRaw({
    url: urlOf(proxy, id),
    token: room.served().token,
    resumes,
    isEnough: (heard) => heard.some(({ data }) => isEnd(data)),
  });
  const misnumbered = messages.filter(
    ({ id: own, data }) => own !== (data['seq'] === undefined ? null : `${data['seq']}`),
  );
  expect(misnumbered).toEqual([]);
  return messages.flatMap(({ data }) => (data['seq'] === undefined ? [] : [placeOf(data)]));
}

/** How many of these cuts fell inside a message of the stream: not into the head of the answer, and not between two messages. */
const amidMessages = (proxy: CuttingProxy): number =>
  proxy.passed().filter((bytes) => {
    const [, ...body] = bytes.toString('latin1').split('\r\n\r\n');
    const chunks = body.join('\r\n\r\n');
    return chunks !== '' && !/\n\n(\r(\n([0-9a-f]*(\r\n?)?)?)?)?$|^[0-9a-f]*\r?\n?$/.test(chunks);
  }).length;

/** SIGKILL while the agent speaks; resolves when another server serves. */
async function killServer(): Promise<void> {
  const pid = await room.kill('server');
  await until('another server', async () => {
    const role = (await room.status()).roles.find((one) => one.role === 'server');
    return role?.state === 'ready' && role.pid !== pid;
  });
}

const seeded = (seed: number) => () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

describe('a stream that is cut amid its messages', () => {
  it.each(Array.from({ length: rounds(100, 10) }, (_, n) => n))(
    'is heard without gap and without double, round %i',
    async (round) => {
      const random = seeded(round * 7919 + 1);
      const bytesUntilCut = () => 40 + Math.floor(random() * 6_000);
      const isKilled = round % 3 === 2;
      const session = await startSession(room, AGENT);
      const proxies = await Promise.all(
        ['ours', 'theirs'].map(() => cuttingProxy(() => room.served().port, bytesUntilCut)),
      );
      const [first, second] = proxies as [CuttingProxy, CuttingProxy];
      try {
        const hearing = Promise.all([hearOurs(first, session.id), hearTheirs(second, session.id)]);
        const spoken = 3 + Math.floor(random() * HALF);
        await until('some words', () => storedLog(room.home, session.id).length > spoken);
        if (isKilled) await killServer();
        await until('the worktree', () => existsSync(room.workOf(session.id)));
        writeFileSync(join(room.workOf(session.id), 'go'), '');
        const [ours, theirs] = await hearing;
        const expected = storedLog(room.home, session.id).map((event) => placeOf({ ...event }));
        expect(theirs).toEqual(expected.slice(0, theirs.length));
        expect(ours).toEqual(expected.slice(0, ours.length));
        for (const [client, proxy, heard] of [
          ['ours', first, ours],
          ['another', second, theirs],
        ] as const)
          record('streams', {
            client,
            server: isKilled ? 'killed with -9' : 'runs on',
            round,
            events: heard.length,
            cuts: proxy.cuts(),
            'cuts amid a message': amidMessages(proxy),
          });
        expect(amidMessages(first) + amidMessages(second)).toBeGreaterThan(0);
      } finally {
        await Promise.all(proxies.map((proxy) => proxy.close()));
      }
    },
  );

  it('is heard in part twice by who does not say what it heard: the cuts are real', async () => {
    const session = await startSession(room, AGENT);
    await until('the worktree', () => existsSync(room.workOf(session.id)));
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    let connections = 0;
    const proxy = await cuttingProxy(
      () => room.served().port,
      () => (connections++ < 3 ? 5_000 : 1_000_000),
    );
    try {
      const heard = await hearTheirs(proxy, session.id, false);
      expect(new Set(heard.map(([seq]) => seq)).size).toBeLessThan(heard.length);
    } finally {
      await proxy.close();
    }
  });
});
