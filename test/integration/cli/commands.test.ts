/** The commands that ask, answer and bring work, typed in a repository against a whole Tackroom. The oracle is git, the files and the log. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { git, repositoryWith, writeFiles } from '../../support/repository.ts';
import { asks, scripted, shell, startSession } from '../../support/session.ts';
import { openRoom, type Finished } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';

const room = openRoom();
const folders: string[] = [];
beforeAll(async () => void (await room.up()));
afterAll(async () => {
  await room.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const LINES = Array.from({ length: 30 }, (_, n) => `line ${n}\n`).join('');
const careful = (...after: unknown[]) =>
  scripted([shell('echo ran >> effects.txt'), ...after, { say: 'Done.' }], [asks('echo')]);
const json = <T>({ stdout }: Finished) => JSON.parse(stdout) as T;

function repository(files: Record<string, string>): string {
  const folder = repositoryWith(files);
  folders.push(folder);
  return folder;
}

/** `tack run` in a repository, to the end of its turn. */
async function ran(cwd: string, steps: unknown): Promise<string> {
  const file = join(room.home, `agent-${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(file, stringify(scripted(steps)));
  const started = await room.tack(['run', 'go', '--agent', file, '--detach'], { cwd });
  expect(started.code, started.stderr).toBe(0);
  const id = /ses_[0-9a-z]{26}/.exec(started.stdout)?.[0] ?? '';
  await until(`work of ${id}`, async () => (await room.client().sessions.show({ session_id: id })).status === 'idle');
  return id;
}

describe('the inbox', () => {
  it('shows what waits, and an answer from the command line lets it go on', async () => {
    const session = await startSession(room, careful());
    const { id } = await session.question();
    const listed = await room.tack(['ls', '--status', 'needs-you']);
    expect(listed.stdout).toMatch(new RegExp(`^${session.id} +Needs you +scripted .* 1$`, 'm'));
    const inbox = await room.tack(['approvals', session.id]);
    expect(inbox.stdout).toContain('echo ran >> effects.txt');
    expect(inbox.stdout).toContain('It cannot be taken back.');
    expect(inbox.stdout).toContain(`tack approve ${id}\n`);
    const answered = await room.tack(['approve', id.slice(0, 20)]); // the beginning is enough
    expect([answered.code, answered.stdout]).toEqual([0, '✓ Allowed once: echo ran >> effects.txt\n']);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(readFileSync(join(room.workOf(session.id), 'effects.txt'), 'utf8')).toBe('ran\n');
    expect((await session.log()).find(({ type }) => type === 'approval.resolved')).toMatchObject({ via: 'cli' });
    expect((await room.tack(['approvals', session.id])).stdout).toBe('Nothing waits for you.\n');
  });

  it('lets the first of two answers win, and tells the other who won, when and via what', async () => {
    const session = await startSession(room, careful());
    const { id, digest } = await session.question();
    const both = await Promise.all([
      room.tack(['approve', id]),
      room.api('POST', `/v1/approvals/${id}/decision`, { digest, decision: 'deny', message: 'no' }),
    ]);
    const won = (await session.logged('approval.resolved')).data['decision'];
    const [cli, api] = both;
    if (won === 'allow_once') {
      expect([cli.code, api.status]).toEqual([0, 409]);
    } else {
      expect([cli.code, api.status]).toEqual([1, 200]);
      expect(cli.stderr).toMatch(/answered \(deny\) by \S+ via api at \d{4}-/);
    }
    await session.ended();
    const late = await room.tack(['deny', id, '-m', 'too late', '--json']);
    expect([late.code, json<{ code: string }>(late).code]).toEqual([1, 'approval_already_resolved']);
    expect(late.stderr).toMatch(new RegExp(`${id}: It was answered \\(${String(won)}\\) by \\S+ via (cli|api) at 20`));
    expect((await session.log()).filter(({ type }) => type === 'approval.resolved')).toHaveLength(1);
  });

  it('tells the agent why it was denied, remembers a pattern for the session, and answers a question', async () => {
    const session = await startSession(
      room,
      scripted([shell('touch a'), shell('touch b'), shell('touch b c'), { ask: 'Which?' }], [asks('touch')]),
    );
    const denied = await session.question();
    await room.tack(['deny', denied.id, '-m', 'use the other file']);
    const result = await session.logged('agent.tool_result');
    expect(JSON.stringify(result.data)).toContain('use the other file');

    const remembered = await session.question(2);
    const answered = await room.tack(['approve', remembered.id, '--session']);
    expect(answered.stderr).toContain('It covers: shell.exec: touch b');
    expect(answered.code).toBe(0);

    const asked = await session.question(3); // the third command was covered
    expect(['a', 'b', 'c'].filter((name) => existsSync(join(room.workOf(session.id), name)))).toEqual(['b', 'c']);
    expect((await room.tack(['approve', asked.id])).code).toBe(2);
    expect((await room.tack(['answer', asked.id, 'this', 'one'])).code).toBe(0);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(JSON.stringify((await session.logged('agent.tool_result', 4)).data)).toContain('this one');
  });

  it('is told by exit code and code what it cannot do', async () => {
    const unknown = await room.tack(['approve', 'apr_zzzz', '--json']);
    expect([unknown.code, json<{ code: string }>(unknown).code]).toEqual([1, 'approval_not_found']);
    expect((await room.tack(['deny'])).code).toBe(2);
    expect((await room.tack(['ls', '--status', 'sleepy'])).code).toBe(2);
    expect((await room.tack(['stop', 'ses_zzzz'])).stderr).toContain('There is no session');
  });
});

describe('stopping', () => {
  it('ends the turn, then the session', async () => {
    const session = await startSession(room, scripted([{ wait_for: 'never' }]));
    await session.logged('session.placed');
    expect((await room.tack(['interrupt', session.id])).stdout).toContain('ends');
    expect((await session.ended()).type).toBe('turn.cancelled');
    await until('an idle session', async () =>
      (await room.tack(['interrupt', session.id])).stdout.startsWith('No turn'),
    );
    const stopped = await room.tack(['stop', session.id, '-m', 'enough', '--json']);
    expect([stopped.code, json<{ closed: boolean }>(stopped).closed]).toEqual([0, true]);
    expect((await session.logged('session.closed')).via).toBe('cli');
  });
});

describe('the work', () => {
  it('is shown, and applied to a dirty tree without losing a line', async () => {
    const folder = repository({ 'numbers.txt': LINES, 'other.txt': 'other\n' });
    writeFiles(folder, { 'numbers.txt': LINES.replace('line 28\n', 'mine\n'), 'untracked.txt': 'mine\n' });
    const id = await ran(folder, [shell("sed -i 's/^line 3$/theirs/' numbers.txt; echo new > new.txt")]);
    const at = { cwd: folder };

    const patch = await room.tack(['diff', id], at);
    expect(patch.code, patch.stderr).toBe(0);
    expect(patch.stdout).toContain('-line 3\n+theirs\n');
    expect(patch.stdout).not.toContain('mine');
    execFileSync('git', ['apply', '--check', '-'], { cwd: folder, input: patch.stdout }); // a file of it is a patch
    expect((await room.tack(['diff', id, '--stat'], at)).stdout).toMatch(
      /^ new\.txt +\| 1 \+\n numbers\.txt \| 2 \+-\n/,
    );
    expect(json(await room.tack(['diff', id, '--stat', '--json'], at))).toMatchObject({
      session_id: id,
      branch: expect.stringMatching(/^tack\/go-/) as string,
      files: [
        { path: 'new.txt', added: 1, removed: 0 },
        { path: 'numbers.txt', added: 1, removed: 1 },
      ].toSorted((a, b) => a.path.localeCompare(b.path)),
    });

    writeFiles(folder, { 'numbers.txt': LINES.replace('line 28\n', 'mine\n').replace('line 15\n', 'mine, later\n') });
    const applied = await room.tack(['apply', id], at);
    expect(applied.code, applied.stderr).toBe(0);
    expect(applied.stdout.split('\n').toSorted()).toEqual(['', '✓ new.txt', '✓ numbers.txt']);
    expect(readFileSync(join(folder, 'numbers.txt'), 'utf8')).toBe(
      LINES.replace('line 3\n', 'theirs\n').replace('line 28\n', 'mine\n').replace('line 15\n', 'mine, later\n'),
    );
    expect(readFileSync(join(folder, 'untracked.txt'), 'utf8')).toBe('mine\n');
    expect(git(folder, 'status', '--porcelain').trimEnd().split('\n')).toEqual([
      ' M numbers.txt',
      '?? new.txt',
      '?? untracked.txt',
    ]);
    const { data } = await room.client().sessions.events({ session_id: id, types: 'work.applied' });
    expect(data).toMatchObject([{ via: 'cli', data: { branch: expect.stringMatching(/^tack\/go-/) as string } }]);
    expect((await room.tack(['apply', id], at)).stdout).toContain('Nothing to do');
  });

  it('is said to be nothing where a session has only looked', async () => {
    const folder = repository({ 'numbers.txt': LINES });
    const id = await ran(folder, [shell('cat numbers.txt')]);
    const shown = await room.tack(['diff', id], { cwd: folder });
    expect(shown).toMatchObject({ code: 0, stdout: '', stderr: `${id} has changed nothing.\n` });
  });

  it('names the files and writes nothing when both changed the same lines', async () => {
    const folder = repository({ 'numbers.txt': LINES, 'other.txt': 'other\n' });
    const id = await ran(folder, [shell("sed -i 's/^line 3$/theirs/' numbers.txt; echo theirs > other.txt")]);
    const mine = LINES.replace('line 3\n', 'mine\n');
    writeFiles(folder, { 'numbers.txt': mine });
    const refused = await room.tack(['apply', id, '--json'], { cwd: folder });
    expect([refused.code, json<{ code: string; data: unknown }>(refused)]).toEqual([
      1,
      expect.objectContaining({ code: 'workspace_dirty', data: { files: ['numbers.txt'] } }),
    ]);
    expect(refused.stderr).toContain('numbers.txt');
    expect(readFileSync(join(folder, 'numbers.txt'), 'utf8')).toBe(mine);
    expect(readFileSync(join(folder, 'other.txt'), 'utf8')).toBe('other\n');
  });

  it('is forgotten by `tack discard`, but never with commits of the person’s own', async () => {
    const folder = repository({ 'a.txt': 'a\n' });
    const at = { cwd: folder };
    const id = await ran(folder, [shell('echo theirs > a.txt')]);
    await room.tack(['diff', id], at);
    const [branch = ''] = git(folder, 'branch', '--list', 'tack/*', '--format=%(refname:short)').split('\n');
    expect(branch).toMatch(/^tack\/go-/);
    const commit = git(folder, 'rev-parse', branch).trim();

    git(
      folder,
      'update-ref',
      `refs/heads/${branch}`,
      git(folder, 'commit-tree', 'HEAD^{tree}', '-p', branch, '-m', 'own').trim(),
    );
    expect(await room.tack(['discard', id], at)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('commits of your own') as string,
    });
    git(folder, 'update-ref', `refs/heads/${branch}`, commit);

    git(folder, 'checkout', '-q', branch);
    expect((await room.tack(['discard', id], at)).stderr).toContain('is checked out');
    git(folder, 'checkout', '-q', 'main');

    const discarded = await room.tack(['discard', id], at);
    expect([discarded.code, discarded.stdout]).toEqual([
      0,
      `Branch ${branch} is gone. Your working tree is as it was.\n`,
    ]);
    expect(
      git(folder, 'for-each-ref', '--format=%(refname)')
        .split('\n')
        .filter((ref) => /fetched|heads\/tack/.test(ref)),
    ).toEqual([]);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('a\n');
    const { data } = await room.client().sessions.events({ session_id: id, types: 'work.discarded' });
    expect(data).toMatchObject([{ data: { commit, branch } }]);

    await room.tack(['stop', id]);
    const again = await room.tack(['apply', id], at); // its log is closed, the work is there
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('does not note this')]);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('theirs\n');
  });

  it('is refused outside of its repository, and before there is any', async () => {
    const folder = repository({ 'a.txt': 'a\n' });
    const id = await ran(folder, [{ say: 'nothing to change' }]);
    const elsewhere = repository({ 'b.txt': 'b\n' });
    for (const command of ['diff', 'apply', 'discard']) {
      expect(await room.tack([command, id], { cwd: elsewhere })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('another repository') as string,
      });
      expect((await room.tack([command, id], { cwd: room.home })).stderr).toContain('git init');
    }
    const without = await startSession(room, scripted([{ say: 'hello' }]));
    await without.ended();
    expect((await room.tack(['diff', without.id], { cwd: folder })).stderr).toContain('without a repository');
    expect(existsSync(join(elsewhere, 'a.txt'))).toBe(false);
  });
});
