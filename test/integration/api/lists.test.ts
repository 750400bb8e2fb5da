/** Every list of the contract is read in pages: on, back, from either end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ALL_ROUTES } from '../../../src/api/contract/routes.ts';
import type { SessionRow } from '../../../src/domain/ports/projections.ts';
import { SCRIPTED, startRig, type Rig } from './rig.ts';

const COUNT = 7;
let rig: Rig;
let session_id: string;

/** The path of each list that has rows here; the others are lists of what is installed. */
const WALKED: Readonly<Record<string, () => string>> = {
  'sessions.list': () => '/v1/sessions?',
  'sessions.queue': () => `/v1/sessions/${session_id}/queue?`,
  'sessions.turns': () => `/v1/sessions/${session_id}/turns?`,
  'sessions.events': () => `/v1/sessions/${session_id}/events?`,
  'approvals.list': () => '/v1/approvals?',
  'grants.list': () => '/v1/grants?project_id=prj_a&',
};
const SHORT = ['harnesses.list', 'agents.list'];

beforeAll(async () => {
  rig = await startRig({ parts: { catalog: { ...catalogOf(COUNT) } } });
  for (let n = 0; n < COUNT; n++) {
    session_id = (await rig.client.sessions.create({ body: { agent: SCRIPTED } })).id;
    rig.store.rows.sessions.set(session_id, { session_id, status: 'idle', title: `${n}` } as unknown as SessionRow);
    const approval_id = `apr_${n}`;
    rig.store.rows.approvals.set(approval_id, {
      approval_id,
      session_id,
      turn_id: 'trn_1',
      kind: 'tool',
      status: 'decided',
      digest: '',
      title: '',
      approval: {},
      resolution: null,
      requested_at: '',
      expires_at: '',
    });
    await rig.store.records.writeGrant('prj_a', {
      grant_id: `grt_0000000${n}`,
      approval_id: 'apr_00000000',
      scope: 'always',
      digest: null,
      pattern: null,
      rules: [],
    });
  }
  for (let n = 0; n < COUNT; n++) await rig.store.say(session_id, { type: 'turn.started', turn_id: `trn_${n}` });
  const items = Array.from({ length: COUNT }, (_, n) => ({ queued_id: `trn_q${n}`, client_id: `m-${n}`, position: n }));
  await rig.store.say(session_id, { type: 'queue.updated', data: { items } });
});
afterAll(() => rig.close());

function catalogOf(agents: number) {
  return {
    agents: async () =>
      Array.from({ length: agents }, (_, n) => ({ ...SCRIPTED, name: n === 0 ? 'scripted' : `a-${n}` })),
    sandboxProblem: async () => null,
    harnesses: async () => [
      {
        object: 'harness',
        id: 'scripted',
        name: 'x',
        vendor: null,
        credential_ref: null,
        available: true,
        version: null,
        problem: null,
      } as const,
    ],
  };
}

interface Page {
  readonly object: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}
async function page(path: string, query: Readonly<Record<string, string | number>>): Promise<Page> {
  const asked = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]));
  const { status, body } = await rig.ask('GET', `${path}${asked}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Page;
}
const keyOf = (row: Readonly<Record<string, unknown>>) => `${row['object'] === undefined ? row['seq'] : row['id']}`;

type Side = 'after' | 'before';
/** All pages, on from the first one or back from a row, in the order in which they stand. */
async function walk(path: string, order: string, side: Side, from: string | null = null): Promise<readonly string[]> {
  const rows: string[] = [];
  for (let cursor = from; ;) {
    const one = await page(path, { order, limit: 3, ...(cursor !== null && { [side]: cursor }) });
    const keys = one.data.map(keyOf);
    if (side === 'after') rows.push(...keys);
    else rows.unshift(...keys);
    cursor = side === 'after' ? one.last_id : one.first_id;
    if (!one.has_more || cursor === null) return rows;
  }
}

const lists = ALL_ROUTES.filter(
  ([, { form, answer }]) =>
    form === 'json' && 'shape' in answer && (answer as z.ZodObject).shape['object']?.safeParse('list').success,
);

describe('every list of the table', () => {
  it('takes limit, after, before and order', () => {
    expect(lists.map(([name]) => name).toSorted()).toEqual([...Object.keys(WALKED), ...SHORT].toSorted());
    for (const [name, { query }] of lists)
      expect({ name, query: Object.keys(query?.shape ?? {}) }).toEqual({
        name,
        query: expect.arrayContaining(['limit', 'after', 'before', 'order']) as unknown,
      });
  });

  it.each(Object.keys(WALKED))('%s gives each row once, on and back, oldest or newest first', async (name) => {
    const path = WALKED[name]!();
    const all = (await page(path, { limit: 500, order: 'asc' })).data.map(keyOf);
    expect(all.length).toBeGreaterThanOrEqual(COUNT);
    const [newest, oldest] = [all.at(-1)!, all[0]!];
    expect(await walk(path, 'asc', 'after')).toEqual(all);
    expect(await walk(path, 'desc', 'after')).toEqual(all.toReversed());
    expect(await walk(path, 'asc', 'before', newest)).toEqual(all.slice(0, -1));
    expect(await walk(path, 'desc', 'before', oldest)).toEqual(all.slice(1).toReversed());
  });

  it.each(Object.keys(WALKED))('%s refuses two cursors, and one that names no row', async (name) => {
    const path = WALKED[name]!();
    const both = await rig.ask('GET', `${path}after=1&before=2`);
    expect([both.status, both.body.errors[0].place]).toEqual([422, 'query.before']);
    if (name === 'sessions.events') return; // its cursor is a place in the log, not a row
    const nobody = await rig.ask('GET', `${path}after=nobody`);
    expect([nobody.status, nobody.body.errors[0].place]).toEqual([422, 'query.after']);
  });

  it('says whether there is more, and its first and last row', async () => {
    const { object, has_more, first_id, last_id, data } = await page('/v1/agents?', { limit: 2, order: 'desc' });
    expect({ object, has_more, first_id, last_id }).toEqual({
      object: 'list',
      has_more: true,
      first_id: 'a-6',
      last_id: 'a-5',
    });
    expect(data).toHaveLength(2);
    expect(await page('/v1/agents?', { after: 'a-6' })).toMatchObject({ data: [], has_more: false, first_id: null });
  });
});
