import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { git, repositoryWith } from '../../../support/repository.ts';
import { asks, scripted, shell } from '../../../support/session.ts';
import { openRoom, type Room, type Running } from '../../../support/tackroom.ts';
import { openTerminal } from '../../../support/terminal.ts';
import { MAIN } from './a-stage.ts';

let room: Room;
let repository: string;
beforeAll(async () => {
  room = openRoom({ TACK_GRACE_S: '1' });
  repository = repositoryWith({ 'a.txt': 'hello\n', '.gitignore': '*.yaml\n' });
});
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL'); // of a test that failed
  await room.close();
  rmSync(repository, { recursive: true, force: true });
});

/** An agent file in the repository; the arguments that name it. */
function agent(name: string, ...[steps, rules]: Parameters<typeof scripted>): readonly string[] {
  writeFileSync(join(repository, `${name}.yaml`), stringify(scripted(steps, rules)));
  return ['--agent', `${name}.yaml`];
}

function start(...args: Parameters<Room['start']>): Running {
  const running = room.start(...args);
  children.push(running.child);
  return running;
}

it('starts the roles, is asked, suspends, goes on with the answer, and brings the work home', async () => {
  const steps = [
    { say: 'I will write it.' },
    { tool: { kind: 'file.write', path: 'b.txt', content: 'one\ntwo\n' } },
    shell('rm a.txt'),
    { say: 'Done.' },
  ];
  const args = ['run', 'write b', ...agent('writer', steps, [asks('rm')])];
  const terminal = openTerminal([process.execPath, MAIN, ...args], { cwd: repository, env: room.env });
  await terminal.shows('Suspended: nobody has answered yet.');
  await terminal.shows('Allow?');
  terminal.type('y\r');
  expect(await terminal.finished).toBe(0);
  const rows = terminal.rows().join('\n');
  expect(rows).toMatch(/● file\.write +b\.txt\n {4}\+ one\n {4}\+ two\n/);
  expect(rows).toMatch(/✓ Allowed once by .* via cli: rm a\.txt[^]*▶ The turn goes on with the answer[^]*Done\./);
  const branch = /branch (tack\/write-b-\w+)/.exec(rows)?.[1] ?? '';
  expect(git(repository, 'show', `${branch}:b.txt`)).toBe('one\ntwo\n');
  expect(git(repository, 'ls-tree', '--name-only', branch).split('\n')).not.toContain('a.txt');
  expect(git(repository, 'status', '--porcelain')).toBe('');
});

it('loses no event and tells none twice when the server is killed while it streams', async () => {
  const words = Array.from({ length: 40 }, (_, n) => `w${n} `).join('');
  const steps = [{ say: words, word_ms: 100 }, shell('echo between'), { say: 'The end.' }];
  const running = start(['run', 'speak', ...agent('speaker', steps), '--json'], { cwd: repository });
  await running.says('session.placed');
  await room.kill('server');
  const { code, stdout, stderr } = await running.finished;
  expect(code).toBe(0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; type: string });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1));
  expect(events.at(-1)?.type).toBe('turn.completed');
  expect(stderr.match(/reconnecting/g)).toHaveLength(1);
});

it('says the words once when the server is killed while they stream', async () => {
  const words = Array.from({ length: 40 }, (_, n) => `w${n} `)
    .join('')
    .trimEnd();
  const running = start(['run', 'speak', ...agent('speaker', [{ say: words, word_ms: 100 }])], {
    cwd: repository,
  });
  await running.says('w5 ');
  await room.kill('server');
  const { code, stdout } = await running.finished;
  expect([code, stdout]).toEqual([0, `${words}\n`]);
});

it('stays with --wait while somebody answers by another command', async () => {
  const steps = [shell('echo go; touch went'), { say: 'Went.' }];
  const running = start(['run', 'go', ...agent('goer', steps, [asks('touch')]), '--wait'], { cwd: repository });
  await running.says(/tack approve apr_\w+ ·/);
  const id = /tack approve (apr_\w+)/.exec(running.stderr())?.[1] ?? '';
  expect((await room.tack(['deny', id, '-m', 'not that file'])).code).toBe(0);
  const { code, stdout, stderr } = await running.finished;
  expect([code, stdout]).toEqual([0, 'Went.\n']);
  expect(stderr).toMatch(/✗ Denied by .* via cli: echo go; touch went “not that file”/);
});
