/** What somebody did to the file of the store is named: each case damages a copy with SQLite alone. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KnownHead } from '../../../src/domain/events/find-breaks.ts';
import { openAudit, openStore } from '../../../src/store/index.ts';
import { message, SESSION } from './contract/an-event.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const OTHER = `${SESSION.slice(0, -1)}z`;
const folder = mkdtempSync(join(tmpdir(), 'tack-audit-'));
const whole = join(folder, 'whole');
let last: KnownHead;

beforeAll(async () => {
  mkdirSync(whole);
  const store = await openStore({ data_folder: whole });
  for (const n of [1, 4, 7])
    await store.log.append(
      SESSION,
      null,
      `${n}`,
      [n, n + 1, n + 2].map((k) => message(`word ${k}`, { data: { k } })),
    );
  await store.log.append(OTHER, null, 'one', [message('other')]);
  last = { where: 'the engine', ...(await store.log.head(SESSION)) };
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let copies = 0;
async function breaksOf(damage: string, elsewhere: readonly KnownHead[] = []) {
  const home = join(folder, `copy-${++copies}`);
  cpSync(whole, home, { recursive: true });
  const raw = new DatabaseSync(join(home, 'store.db'));
  raw.exec(damage);
  raw.close();
  const store = await openAudit({ data_folder: home });
  try {
    const { breaks } = await store.audit(SESSION, elsewhere);
    expect((await store.audit(OTHER, [])).breaks).toEqual([]); // the others are left alone
    return breaks.map(({ kind, seq, problem }) => [kind, seq, problem]);
  } finally {
    await store.close();
  }
}

const LOG = `log_id = '${SESSION}'`;
const text = expect.any(String) as string;
const SHIFT = (from: number) =>
  `update event set seq = -seq where ${LOG} and seq >= ${from}; update event set seq = 1 - seq where ${LOG} and seq < 0`;
/** As it would be by one who knows all the tables. */
const CUT_EVERYWHERE = `
  delete from event where ${LOG} and seq > 6;
  delete from append_key where ${LOG} and head_seq > 6;
  update head set seq = 6, hash = (select hash from event where ${LOG} and seq = 6) where ${LOG};
  update session_view set session_row = json_set(session_row, '$.head_seq', 6) where session_id = '${SESSION}'`;

describe('an audit', () => {
  it('finds nothing in what nobody touched, also with what others know', async () => {
    expect(await breaksOf('select 1', [last])).toEqual([]);
  });

  it.each([
    [
      'one byte changed',
      `update event set body = replace(body, '"k":4', '"k":5') where ${LOG} and seq = 4`,
      ['changed', 4],
    ],
    [
      'one byte of a hash changed',
      `update event set hash = '0' || substr(hash, 2) where ${LOG} and seq = 4`,
      ['changed', 4],
    ],
    ['a column changed', `update event set type = 'plan.updated' where ${LOG} and seq = 2`, ['changed', 2]],
    [
      'what cannot be read any more',
      `update event set body = substr(body, 9) where ${LOG} and seq = 9`,
      ['changed', 9],
    ],
    ['a record deleted', `delete from event where ${LOG} and seq = 5`, ['deleted', 5]],
    ['the first record deleted', `delete from event where ${LOG} and seq = 1`, ['deleted', 1]],
    [
      'a record deleted, and the gap closed',
      `delete from event where ${LOG} and seq = 5; update event set seq = seq - 1 where ${LOG} and seq > 5`,
      ['deleted', 5],
    ],
    [
      'two records swapped',
      `update event set seq = -3 where ${LOG} and seq = 3; update event set seq = 3 where ${LOG} and seq = 7;
       update event set seq = 7 where ${LOG} and seq = -3`,
      ['swapped', 3],
    ],
    [
      'a record inserted',
      `${SHIFT(5)};
       insert into event select log_id, 5, type, turn_id, replace(body, '"k":4', '"k":44'), hash from event where ${LOG} and seq = 4`,
      ['inserted', 5],
    ],
    [
      'a record inserted that is a true one',
      `${SHIFT(5)}; insert into event select log_id, 5, type, turn_id, body, hash from event where ${LOG} and seq = 4`,
      ['inserted', 5],
    ],
    [
      'a record of another log inserted',
      `${SHIFT(5)}; insert into event select '${SESSION}', 5, type, turn_id, body, hash from event where log_id = '${OTHER}'`,
      ['inserted', 5],
    ],
    ['the tail cut', `delete from event where ${LOG} and seq > 7`, ['cut', 8]],
    [
      'the tail cut, and the head with it',
      `delete from event where ${LOG} and seq > 7; update head set seq = 7, hash = (select hash from event where ${LOG} and seq = 7) where ${LOG}`,
      ['cut', 8],
    ],
    ['all of it deleted', `delete from event where ${LOG}; delete from head where ${LOG}`, ['cut', 1]],
    ['the head deleted', `delete from head where ${LOG}`, ['head', 9]],
  ])('names %s', async (_damage, sql, [kind, seq]) => {
    expect(await breaksOf(sql)).toEqual([[kind, seq, text]]);
  });

  it('names a record whose hash was made to fit', async () => {
    const raw = new DatabaseSync(join(whole, 'store.db'), { readOnly: true });
    const row = raw.prepare(`select body from event where ${LOG} and seq = 4`).get() as { body: string };
    raw.close();
    const body = row.body.replace('"k":4', '"k":5');
    const { prev_hash } = JSON.parse(body) as { prev_hash: string };
    const sql = `update event set body = '${body}', hash = '${sha256(prev_hash + body)}' where ${LOG} and seq = 4`;
    expect(await breaksOf(sql)).toEqual([['rewritten', 4, text]]);
  });

  it('sees a tail that was cut in every table by the head that is kept elsewhere, and only by that', async () => {
    expect(await breaksOf(CUT_EVERYWHERE)).toEqual([]);
    expect(await breaksOf(CUT_EVERYWHERE, [last])).toEqual([
      ['cut', 7, 'events 7 to 9 are missing at the end: the engine knows 9'],
    ]);
  });

  it('sees another end than the one that is known elsewhere', async () => {
    expect(await breaksOf('select 1', [{ ...last, hash: sha256('another') }])).toEqual([
      ['rewritten', 9, 'the engine knows another event 9'],
    ]);
  });

  it('names all that was done, not the first', async () => {
    const sql = `update event set body = replace(body, '"k":2', '"k":3') where ${LOG} and seq = 2;
      delete from event where ${LOG} and seq in (5, 6); delete from event where ${LOG} and seq = 9`;
    expect((await breaksOf(sql)).map(([kind, seq]) => [kind, seq])).toEqual([
      ['changed', 2],
      ['deleted', 5],
      ['cut', 9],
    ]);
  });

  it('lists also a log of which only its traces are left', async () => {
    const home = join(folder, 'traces');
    cpSync(whole, home, { recursive: true });
    const raw = new DatabaseSync(join(home, 'store.db'));
    raw.exec(`delete from event where ${LOG}; delete from head where ${LOG}; delete from session_view`);
    raw.close();
    const store = await openAudit({ data_folder: home });
    expect(await store.logs()).toEqual([SESSION, OTHER].toSorted());
    await store.close();
  });

  it('writes nothing, and reads beside a writer', async () => {
    const home = join(folder, 'running');
    cpSync(whole, home, { recursive: true });
    const running = await openStore({ data_folder: home });
    const audit = await openAudit({ data_folder: home });
    await running.log.append(SESSION, null, 'later', [message('ten')]);
    expect(await audit.audit(SESSION, [last])).toEqual({ log_id: SESSION, events: 10, breaks: [] });
    await audit.close();
    await running.log.append(SESSION, null, 'last', [message('eleven')]);
    await running.close();
  });

  it('of a folder without a store says so, and leaves it empty', async () => {
    await expect(openAudit({ data_folder: join(folder, 'nowhere') })).rejects.toThrow(/no store.db/);
  });
});
