/**
 * The same POST twice is one effect, whatever happens in between: its server killed, and a server that dies between the effect and
 * keeping its answer. Every POST of the contract, against real roles; the logs on the disk say how often something happened.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../src/api/contract/routes.ts';
import { asks, scripted, shell, startSession, text } from '../support/session.ts';
import { storedLog } from '../support/stored-log.ts';
import { openRoom } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

interface Case {
  readonly path: string;
  readonly body: unknown;
  /** Another request of the same kind. */
  readonly other: { readonly path: string; readonly body: unknown };
  /** How often it happened, as the disk says; to be called until it says something. */
  readonly effects: () => number | Promise<number>;
}

const events = (session_id: string, type: string) =>
  storedLog(room.home, session_id).filter((event) => event.type === type);
const WAITS = { turns: [[{ wait_for: 'never' }]] };
/** Its turn waits, and so would each one behind it. */
async function atWork() {
  const session = await startSession(room, scripted(WAITS));
  await session.logged('session.placed');
  return session;
}
const within = (session_id: string, verb: string) => `/v1/sessions/${session_id}/${verb}`;

/** By the names of the table: a POST that is new has no case, and the test fails. */
const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  async 'sessions.create'() {
    const title = 'Once and only once';
    const body = { agent: scripted([shell('echo ran >> effects.txt')]), input: text('go'), title };
    const isOurs = (session: { title: string }) => session.title === title;
    return {
      path: '/v1/sessions',
      body,
      other: { path: '/v1/sessions', body: { ...body, input: text('go away') } },
      async effects() {
        const { data } = await room.client().sessions.list();
        const ran = data.filter(isOurs).map(({ id }) => join(room.workOf(id), 'effects.txt'));
        return ran.flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])).length;
      },
    };
  },
  async 'sessions.send'() {
    const { id } = await atWork();
    const path = within(id, 'messages');
    return {
      path,
      body: { content: text('more') },
      other: { path, body: { content: text('less') } },
      effects: () => events(id, 'user.message').length - 1,
    };
  },
  async 'sessions.interrupt'() {
    const session = await atWork();
    await session.say('and then'); // a second stop would stop this one
    const path = within(session.id, 'interrupt');
    return {
      path,
      body: {},
      other: { path, body: { reason: 'another' } },
      effects: () => events(session.id, 'user.interrupt').length,
    };
  },
  async 'sessions.close'() {
    const { id } = await atWork();
    const path = within(id, 'close');
    return {
      path,
      body: {},
      other: { path, body: { reason: 'another' } },
      effects: () => events(id, 'session.closed').length,
    };
  },
  async 'sessions.noteWork'() {
    const { id } = await atWork();
    const path = within(id, 'work');
    const body = { what: 'applied', commit: 'c'.repeat(40), branch: 'tack/x' };
    return {
      path,
      body,
      other: { path, body: { ...body, what: 'discarded' } },
      effects: () => events(id, 'work.applied').length + events(id, 'work.discarded').length,
    };
  },
  async 'approvals.decide'() {
    const session = await startSession(
      room,
      scripted([shell('echo approved >> effects.txt')], [asks('echo approved')]),
    );
    const { id, digest } = await session.question();
    const path = `/v1/approvals/${id}/decision`;
    return {
      path,
      body: { digest, decision: 'allow_once' },
      other: { path, body: { digest, decision: 'deny' } },
      effects: () => events(session.id, 'approval.resolved').length,
    };
  },
  async 'approvals.askAgain'() {
    const rule = asks('echo asked', { grace_s: 0, expires_in_s: 1 });
    const session = await startSession(room, scripted([shell('echo asked')], [rule]));
    const { id } = await session.question();
    await session.logged('approval.resolved'); // nobody answered in time
    await until('the pause', async () => (await room.client().approvals.show({ approval_id: id })).can_ask_again);
    return {
      path: `/v1/approvals/${id}/ask-again`,
      body: {},
      other: { path: `${within(session.id, 'messages')}`, body: { content: text('hello') } },
      effects: () => events(session.id, 'approval.requested').length - 1,
    };
  },
};

interface Heard {
  readonly status: number;
  readonly body: unknown;
  readonly replayed: string | null;
}
async function post(path: string, body: unknown, key: string): Promise<Heard> {
  const { port, token } = room.served();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    body: await response.json(),
    replayed: response.headers.get('idempotency-replayed'),
  };
}

async function killServer(): Promise<void> {
  const pid = await room.kill('server');
  await until('another server', async () => {
    const role = (await room.status()).roles.find((one) => one.role === 'server');
    return role?.state === 'ready' && role.pid !== pid;
  });
}

/** What a server leaves that dies after the effect and before it kept the answer. */
function forgetAnswers(): number {
  const store = new DatabaseSync(join(room.home, 'store.db'));
  store.exec('pragma busy_timeout = 10000');
  const { changes } = store
    .prepare("update idempotency set status = 0, body = '' where idempotency_key like 'key-%'")
    .run();
  store.close();
  return Number(changes);
}

describe('a POST under one key', () => {
  it('happens once: sent by three at once, again, after its server was killed, and after one died before it kept the answer', async () => {
    const posts = ALL_ROUTES.filter(([, { method, form }]) => method === 'POST' && form === 'json').map(
      ([name]) => name,
    );
    expect(Object.keys(CASES).toSorted()).toEqual(posts.toSorted());
    const cases = await Promise.all(Object.entries(CASES).map(async ([name, open]) => ({ name, ...(await open()) })));
    const each = <T>(ask: (one: (typeof cases)[number]) => Promise<T>) =>
      Promise.all(cases.map(async (one) => [one.name, await ask(one)] as const)).then(Object.fromEntries<T>);
    const again = () => each(({ name, path, body }) => post(path, body, `key-${name}`));
    const others = () => each(async ({ name, other }) => (await post(other.path, other.body, `key-${name}`)).body);
    const effects = () => each(async ({ effects: count }) => count());
    const once = Object.fromEntries(cases.map(({ name }) => [name, 1]));
    const repeats = (first: Record<string, Heard>, was: string | null) =>
      Object.fromEntries(Object.entries(first).map(([name, heard]) => [name, { ...heard, replayed: was }]));
    const refused = Object.fromEntries(
      cases.map(({ name }) => [
        name,
        expect.objectContaining({ code: 'idempotency_mismatch', status: 409 }) as unknown,
      ]),
    );

    const three = await Promise.all([again(), again(), again()]);
    for (const { name } of cases) {
      const heard = three.map((one) => one[name]!);
      expect({ name, statuses: heard.map(({ status }) => status) }).toEqual({
        name,
        statuses: Array.from({ length: 3 }, () => expect.toBeOneOf([200, 202]) as number),
      });
      expect({ name, fresh: heard.filter(({ replayed }) => replayed === null).length }).toEqual({ name, fresh: 1 });
      expect(heard[1]?.body).toEqual(heard[0]?.body);
      expect(heard[2]?.body).toEqual(heard[0]?.body);
    }
    const first = three[0]!;
    await until('each effect', async () => Object.values(await effects()).every((count) => count > 0));

    expect(await again()).toEqual(repeats(first, 'true'));
    await killServer();
    expect(await again()).toEqual(repeats(first, 'true'));
    expect(await others()).toEqual(refused);

    expect(forgetAnswers()).toBe(cases.length);
    await killServer();
    expect(await others()).toEqual(refused);
    const asFirst = await again();
    for (const { name } of cases) {
      const { turn_id, approval_id, session_id } = first[name]!.body as Record<string, unknown>;
      expect({ name, ...asFirst[name] }).toMatchObject({
        name,
        status: first[name]!.status,
        replayed: null,
        body: JSON.parse(JSON.stringify({ turn_id, approval_id, session_id })) as Record<string, unknown>,
      });
    }
    expect(await again()).toEqual(repeats(asFirst, 'true'));
    expect(await effects()).toEqual(once);
  });

  it('happens twice under two keys: the control', async () => {
    const { path, body, effects } = await CASES['sessions.send']!();
    await post(path, body, 'one');
    await post(path, body, 'two');
    await until('both', async () => (await effects()) === 2);
  });
});

describe('what was kept', () => {
  it('is forgotten after a day', async () => {
    const { path, body } = await CASES['sessions.noteWork']!();
    await post(path, body, 'of-yesterday');
    await post(path, body, 'of-today');
    const store = new DatabaseSync(join(room.home, 'store.db'));
    store.exec('pragma busy_timeout = 10000');
    const keys = () => store.prepare("select idempotency_key from idempotency where idempotency_key like 'of-%'").all();
    store
      .prepare("update idempotency set created_at = ? where idempotency_key = 'of-yesterday'")
      .run(new Date(Date.now() - 25 * 3_600_000).toISOString());
    expect(keys()).toHaveLength(2);
    await killServer(); // one that starts looks at once
    await until('the key to be forgotten', () => keys().length === 1);
    expect(keys()).toEqual([{ idempotency_key: 'of-today' }]);
    store.close();
  });
});
