/** What is allowed for longer: listed where it counts, and taken back in its session and in the store. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Grant } from '../../../src/domain/approval/schema.ts';
import { TackError } from '../../../src/domain/errors.ts';
import { startRig, type Rig } from './rig.ts';

const PROJECT = 'prj_0123456789abcdef';
const SESSION = 'ses_00000000000000000000000001';

const grant = (n: number, scope: Grant['scope']): Grant => ({
  grant_id: `grt_0000000${n}`,
  approval_id: `apr_0000000${n}`,
  scope,
  digest: 'ab'.repeat(32),
  pattern: { on: 'shell.exec', commands: ['make'] },
  rules: ['needs-a-person'],
});

let rig: Rig;
let holds: readonly string[];
beforeEach(async () => {
  holds = ['grt_00000001', 'grt_00000002'];
  rig = await startRig({
    engine: {
      async revokeGrant(_session_id, { grant_id }) {
        if (!holds.includes(grant_id)) throw new TackError('grant_not_found', 'This session holds no such grant.');
      },
    },
  });
  const { records, rows } = rig.store;
  await records.createSession({ session_id: SESSION, project_id: PROJECT } as never);
  rows.grants.push(
    { session_id: SESSION, project_id: PROJECT, grant: grant(1, 'session') },
    { session_id: SESSION, project_id: PROJECT, grant: grant(2, 'always') },
    { session_id: 'ses_other', project_id: null, grant: grant(3, 'session') },
  );
  await records.writeGrant(PROJECT, grant(2, 'always'));
  await records.writeGrant('prj_other', grant(4, 'always'));
});
afterEach(() => rig.close());

const ids = async (query: Parameters<Rig['client']['grants']['list']>[0]) =>
  (await rig.client.grants.list(query)).data.map(({ id }) => id.at(-1)).toSorted();

it('lists what counts in a session, in a project, everywhere: each once', async () => {
  expect(await ids({ session_id: SESSION })).toEqual(['1', '2']);
  expect(await ids({ project_id: PROJECT })).toEqual(['2']);
  expect(await ids({})).toEqual(['1', '2', '3', '4']);
  await expect(ids({ session_id: 'ses_none' })).rejects.toMatchObject({ code: 'session_not_found' });
});

it('takes one back in the log of its session, and one of a project in the store, too', async () => {
  for (const grant_id of ['grt_00000001', 'grt_00000002']) await rig.client.grants.revoke({ grant_id });
  const said = rig.told.filter(({ name }) => name === 'revokeGrant').map(({ args }) => args.slice(0, 2));
  expect(said).toMatchObject([
    [SESSION, { grant_id: 'grt_00000001', actor: { type: 'user', id: 'ann' } }],
    [SESSION, { grant_id: 'grt_00000002' }],
  ]);
  expect(await rig.store.records.grants(PROJECT)).toEqual([]);
});

it('takes back what a project has from a session that is gone; what nobody holds is not found', async () => {
  await rig.client.grants.revoke({ grant_id: 'grt_00000004' });
  expect(await ids({ project_id: 'prj_other' })).toEqual([]);
  for (const grant_id of ['grt_00000003', 'grt_00000004', 'grt_%', 'nothing'])
    await expect(rig.client.grants.revoke({ grant_id })).rejects.toMatchObject({ code: 'grant_not_found' });
});
