import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../../../src/domain/ports/records.ts';
import type { Use } from '../contract.ts';
import { SESSION } from './an-event.ts';

const aRecord = (over: Partial<SessionRecord> = {}): SessionRecord => ({
  session_id: SESSION,
  agent: { name: 'coder', harness: 'scripted', sandbox: 'bubblewrap' } as unknown as SessionRecord['agent'],
  project_id: 'prj_0123456789abcdef',
  base_ref: `refs/tack/base/${SESSION}`,
  base_commit: 'c'.repeat(40),
  include: [{ machine: 'm', source: '/home/anna/app/node_modules', path: 'node_modules', bytes: 12 }],
  title: 'Fix the “failing” test',
  created_at: '2026-11-24T12:00:00.000Z',
  created_by: 'user:anna',
  ...over,
});

const LONG_AGO = '2000-01-01T00:00:00.000Z';
const SOME_DAY = '2100-01-01T00:00:00.000Z';

export function recordContract(use: Use): void {
  describe('records', () => {
    it('keeps what a session was asked for, for every process', async () => {
      const { store, other } = use();
      expect(await other.records.session(SESSION)).toBeNull();
      await store.records.createSession(aRecord());
      expect(await other.records.session(SESSION)).toEqual(aRecord());
    });

    it('takes a second try of the same POST for the first, and refuses another session under its id', async () => {
      const { store, other } = use();
      await store.records.createSession(aRecord());
      await other.records.createSession(aRecord({ created_at: '2026-11-24T12:00:01.000Z' }));
      await expect(other.records.createSession(aRecord({ title: 'Another' }))).rejects.toMatchObject({
        code: 'store_key_conflict',
      });
      expect(await store.records.session(SESSION)).toEqual(aRecord());
    });

    it('takes a key once, answers a repeated request with its answer, and knows another one under its key', async () => {
      const { store, other } = use();
      expect(await store.records.claim('key-1', 'digest-1', LONG_AGO)).toEqual({ kind: 'ours' });
      expect(await other.records.claim('key-1', 'digest-2', LONG_AGO)).toEqual({ kind: 'mismatch' });
      expect(await other.records.claim('key-1', 'digest-1', LONG_AGO)).toEqual({ kind: 'ours' });
      await store.records.remember('key-1', 'digest-1', { status: 201, body: { id: SESSION } });
      const known = { kind: 'known', status: 201, body: { id: SESSION } };
      expect(await other.records.claim('key-1', 'digest-1', LONG_AGO)).toEqual(known);
      expect(await other.records.claim('key-1', 'digest-2', LONG_AGO)).toEqual({ kind: 'mismatch' });
      await other.records.remember('key-1', 'digest-1', { status: 200, body: null });
      await other.records.release('key-1', 'digest-1');
      expect(await store.records.claim('key-1', 'digest-1', LONG_AGO)).toEqual(known);
    });

    it('gives a key back under which nothing was done', async () => {
      const { store, other } = use();
      await store.records.claim('key-1', 'digest-1', LONG_AGO);
      await other.records.release('key-1', 'digest-2');
      expect(await other.records.claim('key-1', 'digest-2', LONG_AGO)).toEqual({ kind: 'mismatch' });
      await other.records.release('key-1', 'digest-1');
      expect(await other.records.claim('key-1', 'digest-2', LONG_AGO)).toEqual({ kind: 'ours' });
    });

    it('forgets keys by their age, also one that nobody cleaned away', async () => {
      const { store, other } = use();
      await store.records.claim('key-1', 'digest-1', LONG_AGO);
      await store.records.remember('key-1', 'digest-1', { status: 200, body: null });
      expect(await other.records.forgetKeys(LONG_AGO)).toBe(0);
      expect(await other.records.claim('key-1', 'digest-2', SOME_DAY)).toEqual({ kind: 'ours' });
      expect(await store.records.forgetKeys(SOME_DAY)).toBe(1);
      expect(await store.records.claim('key-1', 'digest-3', LONG_AGO)).toEqual({ kind: 'ours' });
    });

    it('keeps lasting grants by project, once', async () => {
      const { store, other } = use();
      const grant = { grant_id: 'grt_1', on: 'shell.exec', commands: ['make'] };
      await store.records.writeGrant('prj_a', grant);
      await other.records.writeGrant('prj_a', grant);
      await store.records.writeGrant('prj_b', { grant_id: 'grt_2' });
      expect(await other.records.grants('prj_a')).toEqual([grant]);
      expect(await other.records.grants('prj_c')).toEqual([]);
      expect(await other.records.allGrants()).toEqual([
        { project_id: 'prj_a', grant },
        { project_id: 'prj_b', grant: { grant_id: 'grt_2' } },
      ]);
    });

    it('forgets a grant for good: a late write of it does not bring it back', async () => {
      const { store, other } = use();
      await store.records.writeGrant('prj_a', { grant_id: 'grt_1' });
      expect(await other.records.isGrantRevoked('grt_1')).toBe(false);
      expect(await other.records.revokeGrant('grt_1')).toBe(true);
      expect(await other.records.isGrantRevoked('grt_1')).toBe(true);
      expect(await other.records.isGrantRevoked('grt_never')).toBe(false);
      expect(await store.records.revokeGrant('grt_1')).toBe(false);
      expect(await store.records.revokeGrant('grt_never')).toBe(false);
      await store.records.writeGrant('prj_a', { grant_id: 'grt_1' });
      expect(await other.records.grants('prj_a')).toEqual([]);
      expect(await other.records.allGrants()).toEqual([]);
    });
  });
}
