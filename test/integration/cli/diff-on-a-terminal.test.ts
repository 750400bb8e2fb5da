/** What an agent wrote reaches a terminal as letters, whichever of the streams is sent elsewhere; a file gets the patch as it is. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRepository } from '../../../src/cli/git/repository.ts';
import { takeSnapshot } from '../../../src/cli/git/snapshot.ts';
import { pushBase } from '../../../src/cli/git/transport.ts';
import type { SessionRow } from '../../../src/domain/ports/projections.ts';
import { git, repositoryWith, writeFiles } from '../../support/repository.ts';
import { openTerminal } from '../../support/terminal.ts';
import { SCRIPTED, startRig, type Rig } from '../api/rig.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const SESSION = 'ses_00000000000000000000000001';
/** Takes the person's clipboard, and hides the line. */
const STEERS = '\u001b]52;c;ZXZpbA==\u0007\u001b[2K\u009b2K';

let rig: Rig;
let folder: string;
let home: string;
beforeAll(async () => {
  rig = await startRig();
  home = mkdtempSync(join(tmpdir(), 'tack-diff-'));
  folder = repositoryWith({ 'a.txt': 'a\n' });
  const repository = await openRepository(folder);
  const snapshot = await takeSnapshot(repository);
  await pushBase(repository, { base_url: rig.url, token: rig.token }, snapshot, SESSION);
  snapshot.dispose();
  const work = join(home, 'work');
  execFileSync('git', ['clone', '-q', folder, work]);
  writeFiles(work, { 'a.txt': `a\n${STEERS}\n` });
  git(work, 'commit', '-qam', 'work');
  const { project_id } = repository;
  git(join(rig.projects, `${project_id}.git`), '--git-dir=.', 'fetch', '-q', work, 'HEAD:refs/tack/work/fix');
  await rig.store.records.createSession({
    session_id: SESSION,
    agent: SCRIPTED,
    project_id,
    base_ref: `refs/tack/base/${SESSION}`,
    base_commit: snapshot.commit,
    include: [],
    title: 'fix',
    created_at: '2026-11-25T00:00:00.000Z',
    created_by: 'user:ann',
  });
  const row = { session_id: SESSION, branch: 'refs/tack/work/fix', status: 'idle', updated_at: '2026-11-25T00:00:00Z' };
  rig.store.rows.sessions.set(SESSION, row as SessionRow);
});
afterAll(async () => {
  await rig.close();
  for (const one of [folder, home]) rmSync(one, { recursive: true, force: true });
});

/** What a terminal gets of `tack diff` with these redirections. */
async function shown(redirected: string, ...flags: readonly string[]): Promise<string> {
  const line = `exec "$0" "$@" ${redirected}`;
  const argv = [
    'sh',
    '-c',
    line,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    MAIN,
    'diff',
    SESSION,
    ...flags,
  ];
  const env = { PATH: process.env['PATH'], TACK_SERVER: rig.url, TACK_TOKEN: rig.token, TACK_HOME: join(home, 'data') };
  const terminal = openTerminal(argv, { cwd: folder, env });
  expect(await terminal.finished).toBe(0);
  return terminal.bytes();
}

it.each(['', '2>/dev/null', '2>&1'])('tack diff steers no terminal (%s)', async (redirected) => {
  const bytes = await shown(redirected);
  expect(bytes).toContain('a.txt');
  expect(bytes).not.toContain(STEERS.slice(0, 5));
});

it('tack diff --json steers none either, and means the same', async () => {
  const bytes = await shown('', '--json');
  expect(bytes).not.toMatch(/[\u001b\u007f-\u009f]/);
  expect((JSON.parse(bytes) as { patch: string }).patch).toContain(STEERS);
});

it('tack diff into a file is a patch, byte by byte', async () => {
  const file = join(home, 'patch');
  expect(await shown(`>${file}`)).toBe('');
  expect(readFileSync(file, 'utf8')).toContain(`+${STEERS}\n`);
});
