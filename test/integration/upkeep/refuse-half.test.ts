/** Where a part of the room is elsewhere, there is no half backup: it is said what is missing and how to get it. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import { backUp } from '../../../src/upkeep/backup/backup.ts';

const folder = mkdtempSync(join(tmpdir(), 'tack-half-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PASSWORD = 'canary-password';
const attempt = (env: NodeJS.ProcessEnv, files: readonly string[] = []) => {
  const home = mkdtempSync(join(folder, 'home-'));
  mkdirSync(join(home, 'engine'));
  for (const name of files) writeFileSync(join(home, name), '{}');
  const config = loadConfig({ TACK_HOME: home, ...env });
  return backUp({ config, file: join(folder, 'half.tar.zst'), tackroom: '0' });
};

describe('`tack backup`', () => {
  it.each([
    ['Postgres keeps the store', { DATABASE_URL: `postgres://ann:${PASSWORD}@127.0.0.1/x` }, [], /Postgres.*pg_dump/s],
    ['the folder says that Postgres keeps it', {}, ['store.json'], /Postgres.*pg_dump/s],
    ['the engine runs elsewhere', { TEMPORAL_ADDRESS: 'temporal.example.org:7233' }, [], /temporal\.example\.org/],
    ['nothing ran yet', {}, [], /nothing ran here yet/],
  ])('is refused when %s, and leaves no file', async (_when, env, files, words) => {
    const error = await attempt(env, files).then(
      () => null,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ code: 'backup_impossible', message: expect.stringMatching(words) as string });
    expect(error?.message).not.toContain(PASSWORD);
    expect(readdirSync(folder).filter((name) => name.startsWith('half'))).toEqual([]);
  });
});
