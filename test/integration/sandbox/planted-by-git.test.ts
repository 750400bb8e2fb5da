/** Files that tools obey cannot be written inside; an agent that prepares what a checkpoint looks at tries to bring other content for them. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseRefOf } from '../../../src/domain/git-names.ts';
import { checkpoint, ensureProject, INSIDE, prepareWorktree } from '../../../src/sandbox/index.ts';
import { aPlace, personsGit, type Place } from './place.ts';

let place: Place;
let git_dir: string;
let base_commit: string;

beforeEach(async () => {
  place = aPlace();
  const person = join(place.home, 'person');
  mkdirSync(join(person, '.vscode'), { recursive: true });
  mkdirSync(join(person, 'shared'));
  writeFileSync(join(person, '.vscode/tasks.json'), '{"good":1}\n');
  writeFileSync(join(person, 'shared/x.md'), 'good\n');
  writeFileSync(join(person, 'code.js'), 'good\n');
  symlinkSync('shared', join(person, '.claude'));
  personsGit(person, 'init', '-q');
  personsGit(person, 'add', '-A');
  personsGit(person, 'commit', '-qm', 'start');
  ({ git_dir } = await ensureProject(join(place.home, 'prj.git')));
  personsGit(person, 'push', '-q', git_dir, `HEAD:${baseRefOf('ses_1')}`);
  ({ base_commit } = await prepareWorktree({ ...session(), branch: 'tack/fix', base_ref: baseRefOf('ses_1') }));
});
afterEach(() => place.remove());

const session = () => ({
  session_id: 'ses_1',
  sandbox: place.sandbox,
  project_git_dir: git_dir,
  folders: place.folders,
});
const run = (script: string) => place.run(script, { base_objects: join(git_dir, 'objects') });
const saved = () => checkpoint({ ...session(), base_commit, slug: 'fix', message: 'work' });
const shown = (commit: string, path: string) => personsGit(git_dir, 'show', `${commit}:${path}`);

/** Gives an entry of the index other content and leaves what git compares (size, times, inode) as the file has it; the extension of known trees goes. */
const FORGE = `const { readFileSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const [path, blob] = process.argv.slice(1);
const index = readFileSync('.git/index').subarray(0, -20);
const at = index.indexOf(path + '\\0');
Buffer.from(blob, 'hex').copy(index, at - 22);
const tree = index.indexOf('TREE');
const rest = tree < 0 ? index : Buffer.concat([index.subarray(0, tree), index.subarray(tree + 8 + index.readUInt32BE(tree + 4))]);
writeFileSync('.git/index', Buffer.concat([rest, createHash('sha1').update(rest).digest()]));`;

describe('a checkpoint', () => {
  it('takes a planted file as it stands there, whatever the index of the agent says', async () => {
    const forge = (path: string) => `blob=$(echo evil | git hash-object -w --stdin)
      sleep 1.1; git update-index --refresh
      ${INSIDE.node} -e "$FORGE" ${path} $blob`;
    const env = { FORGE };
    for (const path of ['code.js', '.vscode/tasks.json'])
      expect(await place.run(forge(path), { base_objects: join(git_dir, 'objects'), env })).toMatchObject({ code: 0 });
    const { commit } = await saved();
    expect(shown(commit, 'code.js')).toBe('evil'); // the forgery works, on a file that is the agent's own
    expect(shown(commit, '.vscode/tasks.json')).toBe('{"good":1}');
  });

  it('takes none that the agent committed past the worktree', async () => {
    const { code, err } = await run(`blob=$(echo evil | git hash-object -w --stdin)
      touch plain.txt
      for path in plain.txt .mcp.json .vscode/tasks.json .vscode/extensions.json .codex/config.toml; do
        git update-index --add --cacheinfo 100644,$blob,$path; done
      git commit -qm planted && git checkout -q HEAD -- plain.txt`);
    expect([code, err]).toEqual([0, '']);
    const { commit } = await saved();
    expect(personsGit(git_dir, 'diff', '--name-only', base_commit, commit)).toBe('plain.txt');
  });

  it('does not follow a planted name that was a symlink and became a folder', async () => {
    await run(`rm .claude && mkdir .claude && echo '{"hooks":{}}' > .claude/settings.json; echo mine > shared/x.md
      git add -f .claude/settings.json`);
    expect(existsSync(join(place.folders.work, '.claude/settings.json'))).toBe(true); // a mount cannot cover a symlink
    const { commit } = await saved();
    expect(personsGit(git_dir, 'diff', '--name-only', base_commit, commit)).toBe('shared/x.md');
  });

  it('says no more than a person reads, however much git has to say', async () => {
    await run(`for n in $(seq 40); do git init -q nested-$n; done`);
    const { warnings } = await saved();
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toMatch(/^… and \d+ more lines$/);
  });

  it('keeps what was written with a person’s leave where there is no sandbox', async () => {
    const none = aPlace('none');
    try {
      const { base_commit: base } = await prepareWorktree({
        ...session(),
        sandbox: none.sandbox,
        folders: none.folders,
        branch: 'tack/fix',
        base_ref: baseRefOf('ses_1'),
      });
      writeFileSync(join(none.folders.work, '.vscode/tasks.json'), '{"asked":1}\n');
      const { commit } = await checkpoint({
        ...session(),
        sandbox: none.sandbox,
        folders: none.folders,
        base_commit: base,
        slug: 'none',
        message: 'work',
      });
      expect(shown(commit, '.vscode/tasks.json')).toBe('{"asked":1}');
    } finally {
      none.remove();
    }
  });
});
