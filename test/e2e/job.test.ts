/** The job: a published package with a failing test, the real Claude Code in the sandbox, and the fix in a person's dirty tree. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer } from '../../src/demo/model-server/server.ts';
import { processesOf } from '../support/processes.ts';
import { git } from '../support/repository.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { unpacked } from '../support/published-package.ts';

const FIXED = "var cleanStr = options.ignoreQueryPrefix ? str.replace(/^\\?/, '') : str;";
const BROKEN = 'var cleanStr = str;';
const TESTS = "node_modules/.bin/tape 'test/*.js'";

let model: Awaited<ReturnType<typeof startModelServer>>;
let room: Room;
let folder: string;
const file = (name: string) => join(folder, name);
const change = (name: string, from: string, to: string) => {
  const before = readFileSync(file(name), 'utf8');
  expect(before).toContain(from);
  writeFileSync(file(name), before.replace(from, to));
};
const testsHere = () => spawnSync('sh', ['-c', TESTS], { cwd: folder, encoding: 'utf8' });

beforeAll(async () => {
  folder = unpacked();
  change('lib/parse.js', FIXED, BROKEN);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'A line went missing');
  model = await startModelServer();
  room = openRoom({ ANTHROPIC_API_KEY: 'sk-job', ANTHROPIC_BASE_URL: model.url });
});
afterAll(async () => {
  await room?.close();
  await model?.close();
  if (folder) rmSync(dirname(folder), { recursive: true, force: true });
});

describe('a job in a real project', () => {
  it('is done by Claude Code in the sandbox, and applied to a dirty tree without losing a line', async () => {
    expect(readdirSync(file('node_modules')).length).toBeGreaterThan(10);
    const before = testsHere();
    expect(before.status).not.toBe(0);
    expect(Number(/^# tests (\d+)/m.exec(before.stdout)?.[1])).toBeGreaterThanOrEqual(20);
    expect(before.stdout).toMatch(/^# fail +[1-9]/m);

    // What the person has lying about: a staged, an unstaged and an untracked change, one of them in the file to be fixed.
    change('lib/parse.js', "'use strict';", "'use strict'; // a note of mine");
    change('README.md', 'qs', 'qs (mine)');
    git(folder, 'add', 'README.md');
    writeFileSync(file('notes.txt'), 'do not lose me\n');

    const calls = [
      { name: 'Read', input: { file_path: '/home/agent/work/lib/parse.js' } },
      { name: 'Bash', input: { command: `${TESTS} | tail -n 6`, description: 'Run the tests' } },
      { name: 'Edit', input: { file_path: '/home/agent/work/lib/parse.js', old_string: BROKEN, new_string: FIXED } },
      { name: 'Bash', input: { command: `${TESTS} | tail -n 6`, description: 'Run the tests again' } },
    ];
    const prompt = `Fix the failing test. [[tools ${JSON.stringify({ calls })}]]`;
    const run = await room.tack(['run', prompt], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });

    const heard = Object.values(model.requests().at(-1)?.results ?? {});
    const summaries = heard.filter((result) => result.includes('# tests'));
    expect(summaries).toEqual([expect.stringMatching(/^# fail +[1-9]/m), expect.stringMatching(/^# ok/m)]);

    const [session] = JSON.parse((await room.tack(['ls', '--json'])).stdout).data as [{ id: string; status: string }];
    expect(session.status).toBe('idle');
    expect(processesOf(session.id)).toEqual([]);
    expect(testsHere().status).not.toBe(0); // nothing of the person's was touched so far

    // And they went on working meanwhile.
    change('lib/stringify.js', "'use strict';", "'use strict'; // written while the agent worked");
    const diff = await room.tack(['diff', session.id], { cwd: folder });
    expect(diff.stdout).toContain(`-    ${BROKEN}`);
    expect(diff.stdout).toContain(`+    ${FIXED}`);
    expect(diff.stdout).not.toContain('mine');
    const apply = await room.tack(['apply', session.id], { cwd: folder });
    expect(apply, apply.stderr).toMatchObject({ code: 0 });

    const after = testsHere();
    expect(after.stdout).toMatch(/^# ok/m);
    expect(after.status).toBe(0);
    expect(readFileSync(file('lib/parse.js'), 'utf8')).toContain(FIXED);
    expect(readFileSync(file('lib/parse.js'), 'utf8')).toContain('a note of mine');
    expect(readFileSync(file('lib/stringify.js'), 'utf8')).toContain('written while the agent worked');
    expect(readFileSync(file('README.md'), 'utf8')).toContain('qs (mine)');
    expect(readFileSync(file('notes.txt'), 'utf8')).toBe('do not lose me\n');
    expect(git(folder, 'diff', '--cached', '--name-only')).toBe('README.md\n');
    expect(existsSync(file('node_modules/.bin/tape'))).toBe(true);
  });
});
