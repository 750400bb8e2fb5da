/** A repository that was written to break us, opened by somebody who trusts it; and one that an agent prepares for the person who looks at its work. Each trap is shown to spring without us. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import { bareClaude } from '../integration/harnesses/bare-claude.ts';
import { storyOf } from '../support/claude-room.ts';
import { IS_ROOT, makeOrdinaryUser, ONLY_ROOT, type OrdinaryUser } from '../support/ordinary-user.ts';
import { git, writeFiles } from '../support/repository.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { look, planting, PLANTS } from './hostile/plants.ts';
import { layTraps, LOOK, MEMORY, naiveGit, TRAPS, type Ground } from './hostile/traps.ts';

/** Theirs, in whatever folder. */
const PERSON = {
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_AUTHOR_NAME: 'P',
  GIT_AUTHOR_EMAIL: 'p@example.invalid',
  GIT_COMMITTER_NAME: 'P',
  GIT_COMMITTER_EMAIL: 'p@example.invalid',
};
const CLAUDE = process.env['TACK_CLAUDE_BIN'] ?? '';

describe.runIf(IS_ROOT)(`root${ONLY_ROOT}`, () => {
  opens('root');
});
describe('an ordinary user', () => {
  opens('an ordinary user');
});

function opens(who: 'root' | 'an ordinary user'): void {
  let user: OrdinaryUser | undefined;
  let model: ModelServer;
  let room: Room;
  let place: string;
  let ground: Ground;

  beforeAll(async () => {
    user = IS_ROOT && who !== 'root' ? makeOrdinaryUser() : undefined;
    model = await startModelServer({ keep_bodies: true });
    room = openRoom({ ANTHROPIC_API_KEY: 'sk-hostile', ANTHROPIC_BASE_URL: model.url }, user);
    place = realpathSync(mkdtempSync(join(user?.home ?? tmpdir(), 'tack-hostile-')));
    const marks = join(place, 'marks');
    mkdirSync(marks);
    chmodSync(marks, 0o777);
    ground = { marks, secret: { path: join(place, 'secret'), words: `canary${crypto.randomUUID()}` } };
    writeFileSync(ground.secret.path, ground.secret.words);
    user?.give(place);
    await room.up();
  });
  afterAll(async () => {
    await room?.close();
    await model?.close();
    if (place) rmSync(place, { recursive: true, force: true });
    await user?.close();
  });

  const marked = (): string[] => readdirSync(ground.marks).toSorted();
  const clear = (): void => {
    for (const name of marked()) rmSync(join(ground.marks, name));
  };
  const asked = (from: number): string => model.bodies().slice(from).join('\n');
  const plain = () => ({ PATH: process.env['PATH'], HOME: place, ...PERSON });
  const plainGit = (cwd: string, ...args: readonly string[]): void =>
    void spawnSync('git', args, { cwd, env: plain() });
  const made = (name: string): string => {
    const folder = join(place, name);
    mkdirSync(folder);
    return folder;
  };

  it('control: bare Claude Code and plain git spring every trap of such a repository', async () => {
    const folder = made('bare');
    layTraps(folder, ground);
    clear();
    const from = model.bodies().length;
    await bare(folder, storyOf([LOOK]).prompt);
    naiveGit(folder, plainGit);
    expect(marked()).toEqual(TRAPS.toSorted());
    expect(asked(from)).toContain(MEMORY);
    expect(asked(from)).toContain(ground.secret.words);
  });

  it('springs none: run, diff, apply and discard do their work, and nothing of the repository is obeyed', async () => {
    const folder = made('governed');
    layTraps(folder, ground);
    user?.give(folder);
    clear();
    const from = model.bodies().length;
    const { prompt } = storyOf([
      LOOK,
      "sed -i 's/first/FIRST/' parts.list; echo two > a.data; echo two > notes.md; git add -A; git commit -qm work; git status --short",
    ]);
    const run = await room.tack(['run', prompt], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [{ id }] = JSON.parse((await room.tack(['ls', '--json'])).stdout).data as [{ id: string }];
    expect(asked(from)).toContain('No such file'); // the link leads nowhere inside
    writeFileSync(join(folder, 'parts.list'), 'first\n\n\n\n\nLAST\n');
    const diff = await room.tack(['diff', id], { cwd: folder });
    expect(diff.stdout).toContain('+FIRST');
    const apply = await room.tack(['apply', id], { cwd: folder });
    expect(apply, apply.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'parts.list'), 'utf8')).toBe('FIRST\n\n\n\n\nLAST\n');
    expect(readFileSync(join(folder, 'a.data'), 'utf8')).toBe('two\n');
    expect((await room.tack(['discard', id], { cwd: folder })).code).toBe(0);
    const inTool = await room.tack(['run', prompt], { cwd: join(folder, 'tool') });
    expect(inTool.code).not.toBe(0);
    expect(marked()).toEqual([]);
    expect(asked(from)).not.toContain(ground.secret.words);
    expect(asked(from)).not.toContain(MEMORY);
    cpSync(folder, join(place, 'after'), { recursive: true, verbatimSymlinks: true });
    expect(git(join(place, 'after'), '-c', 'core.fsmonitor=false', 'log', '--oneline').trim().split('\n')).toHaveLength(
      1,
    );
  });

  const shell = (cwd: string) => (command: string) => void spawnSync('sh', ['-c', command], { cwd, env: plain() });
  const bare = (cwd: string, words: string): Promise<string> =>
    bareClaude({ binary: CLAUDE, url: model.url, cwd, home: made(`home-${crypto.randomUUID()}`), words });
  const ordinary = (name: string): string => {
    const folder = made(name);
    writeFiles(folder, { 'readme.txt': 'hello\n' });
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'start');
    return folder;
  };

  it('control: what an agent plants without us is obeyed when a person looks at its work', async () => {
    const folder = ordinary('planted-bare');
    clear();
    await bare(folder, storyOf(planting(ground.marks)).prompt);
    look(folder, shell(folder));
    await bare(folder, storyOf(['true']).prompt);
    expect(marked()).toEqual(PLANTS.toSorted());
  });

  it('lets an agent plant nothing: a person who diffs, applies, commits and goes on in their checkout springs no trap', async () => {
    const folder = ordinary('planted-governed');
    user?.give(folder);
    clear();
    const run = await room.tack(['run', storyOf(planting(ground.marks)).prompt], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [{ id }] = JSON.parse((await room.tack(['ls', '--json'])).stdout).data as [{ id: string }];
    shell(folder)('git status; git diff');
    expect((await room.tack(['diff', id], { cwd: folder })).stdout).toContain('+work');
    const apply = await room.tack(['apply', id], { cwd: folder });
    expect(apply, apply.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, 'readme.txt'), 'utf8')).toBe('hello\nwork\n');
    look(folder, shell(folder));
    await bare(folder, storyOf(['true', 'true']).prompt);
    expect(marked()).toEqual([]);
  });
}
