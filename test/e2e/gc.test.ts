/** What `tack gc` removes, and above all what it does not: whatever is nowhere else stays. The oracles are git, SQLite and the file system. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git, repositoryWith } from '../support/repository.ts';
import { storedLog } from '../support/stored-log.ts';
import { openRoom, type Finished } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const AGENT = `name: writer
harness: scripted
script: |
  - tool: { kind: shell.exec, script: echo work > work.txt }
  - say: Done.
`;
const room = openRoom();
const repository = repositoryWith({ 'agent.yaml': AGENT, '.gitignore': '*.log\n' });
const NAMES = ['saved', 'changed', 'ignored', 'out', 'branch', 'stash', 'nested', 'ruined', 'open'] as const;
const ids = new Map<(typeof NAMES)[number], string>();
const idOf = (name: (typeof NAMES)[number]): string => ids.get(name) ?? '';
const work = (name: (typeof NAMES)[number]): string => room.workOf(idOf(name));
const folderOf = (name: (typeof NAMES)[number]): string => join(room.home, 'sessions', idOf(name));

beforeAll(async () => {
  await room.up();
  const start = async (name: (typeof NAMES)[number]) => {
    const args = ['run', '--detach', '--json', '--agent', './agent.yaml', name];
    const { code, stdout, stderr } = await room.tack(args, { cwd: repository });
    if (code !== 0) throw new Error(stderr);
    ids.set(name, (JSON.parse(stdout) as { id: string }).id);
  };
  await start('open'); // the first one brings the project
  await Promise.all(NAMES.filter((name) => name !== 'open').map(start));
  const client = room.client();
  for (const name of NAMES) {
    const session_id = idOf(name);
    await until(
      `${name} to be saved`,
      () => storedLog(room.home, session_id).some(({ type }) => type === 'turn.completed'),
      120_000,
    );
    if (name !== 'open') await client.sessions.close({ session_id, body: {} });
  }
  for (const name of NAMES.slice(0, -1))
    await until(
      `${name} to be closed`,
      () => storedLog(room.home, idOf(name)).some(({ type }) => type === 'session.closed'),
      60_000,
    );
  // what nobody saved, each in another way
  writeFileSync(join(work('changed'), 'later.txt'), 'after the last checkpoint');
  writeFileSync(join(work('ignored'), 'result.log'), 'git ignores it');
  writeFileSync(join(folderOf('out'), 'out', 'report.txt'), 'a result');
  const own = (name: (typeof NAMES)[number], ...args: string[]) => git(work(name), '-c', 'safe.directory=*', ...args);
  const alternates = join(room.home, 'projects', readdirSync(join(room.home, 'projects'))[0] ?? '', 'objects');
  process.env['GIT_ALTERNATE_OBJECT_DIRECTORIES'] = alternates; // inside of a sandbox it has another path
  own('branch', 'checkout', '-q', '-b', 'experiment');
  writeFileSync(join(work('branch'), 'idea.txt'), 'an idea');
  own('branch', 'add', 'idea.txt');
  own('branch', 'commit', '-q', '-m', 'an idea');
  own('branch', 'checkout', '-q', '-');
  writeFileSync(join(work('stash'), '.gitignore'), 'changed\n');
  own('stash', 'stash', '-q');
  mkdirSync(join(work('nested'), 'inner'));
  git(join(work('nested'), 'inner'), 'init', '-q');
  writeFileSync(join(work('nested'), 'inner', 'file'), 'of another repository');
  git(join(work('nested'), 'inner'), 'add', '.');
  git(join(work('nested'), 'inner'), 'commit', '-q', '-m', 'inner');
  delete process.env['GIT_ALTERNATE_OBJECT_DIRECTORIES'];
  rmSync(join(work('ruined'), '.git', 'HEAD'));
}, 240_000);
afterAll(async () => {
  await room.close();
  rmSync(repository, { recursive: true, force: true });
}, 60_000);

interface Found {
  readonly what: string;
  readonly name: string;
  readonly goes: boolean;
  readonly why: string;
  readonly bytes: number;
}
const linesOf = ({ code, stdout, stderr }: Finished): readonly Found[] => {
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Found);
};
const gc = async (...args: string[]) => linesOf(await room.tack(['gc', '--json', ...args]));

describe('`tack gc --dry-run`', () => {
  it(
    'says of each ended session whether it would go, and why not; a living one is not looked at',
    { timeout: 120_000 },
    async () => {
      const before = readdirSync(join(room.home, 'sessions')).toSorted();
      const found = await gc('--dry-run');
      const of = new Map(
        found.filter(({ what }) => what === 'session').map((one) => [one.name.replace('sessions/', ''), one]),
      );
      const said = Object.fromEntries(NAMES.map((name) => [name, of.get(idOf(name))]));
      expect(said).toEqual({
        saved: expect.objectContaining({
          goes: true,
          why: expect.stringMatching(/^ended; its work is refs\/tack\/work\//) as string,
        }),
        changed: expect.objectContaining({ goes: false, why: 'changes since its last checkpoint: later.txt' }),
        ignored: expect.objectContaining({
          goes: false,
          why: expect.stringMatching(/^files that git ignores: result.log/) as string,
        }),
        out: expect.objectContaining({ goes: false, why: 'out/ has report.txt, which are nowhere else' }),
        branch: expect.objectContaining({
          goes: false,
          why: expect.stringMatching(/^commits that the project has not: [0-9a-f]{12}/) as string,
        }),
        stash: expect.objectContaining({
          goes: false,
          why: expect.stringMatching(/^commits that the project has not: /) as string,
        }),
        nested: expect.objectContaining({
          goes: false,
          why: expect.stringContaining('a repository of its own in inner') as string,
        }),
        ruined: expect.objectContaining({
          goes: false,
          why: expect.stringMatching(/^it cannot be looked at: /) as string,
        }),
        open: undefined,
      });
      expect(of.get(idOf('saved'))?.bytes).toBeGreaterThan(1_000);
      expect(readdirSync(join(room.home, 'sessions')).toSorted()).toEqual(before);
    },
  );
});

describe('`tack gc`', () => {
  it(
    'removes what is saved and nothing else; the work is still there for the person',
    { timeout: 120_000 },
    async () => {
      await gc();
      expect(NAMES.filter((name) => !existsSync(folderOf(name)))).toEqual(['saved']);
      const { code, stdout } = await room.tack(['diff', idOf('saved')], { cwd: repository });
      expect([code, stdout]).toEqual([0, expect.stringContaining('+work')]);
      await gc('--ignored');
      expect(NAMES.filter((name) => !existsSync(folderOf(name)))).toEqual(['saved', 'ignored']);
    },
  );

  it(
    'removes contents that nothing names, while nothing runs, and keeps every one that a log names',
    { timeout: 120_000 },
    async () => {
      const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      const [small, large] = [randomBytes(100), randomBytes(100_000)];
      const store = new DatabaseSync(join(room.home, 'store.db'));
      store.prepare('insert into blob (digest, content) values (?, ?)').run(digestOf(small), small);
      store
        .prepare(
          `insert into idempotency (idempotency_key, request_digest, status, body, created_at) values ('old', 'x', 200, '{}', '2020-01-01T00:00:00.000Z')`,
        )
        .run();
      store.close();
      const file = join(room.home, 'blobs', digestOf(large).slice(0, 2), digestOf(large));
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, large);
      const rows = () => {
        const raw = new DatabaseSync(join(room.home, 'store.db'), { readOnly: true });
        const { blobs, keys } =
          raw
            .prepare('select (select count(*) from blob) as blobs, (select count(*) from idempotency) as keys')
            .get() ?? {};
        raw.close();
        return { blobs: Number(blobs), keys: Number(keys) };
      };
      const before = rows();
      const running = await gc();
      expect(running.find(({ what }) => what === 'blobs')).toMatchObject({
        name: '2 contents',
        goes: false,
        why: expect.stringContaining('tack down') as string,
      });
      expect([rows(), existsSync(file)]).toEqual([{ blobs: before.blobs, keys: before.keys - 1 }, true]);

      await room.tack(['down']);
      const stopped = await gc();
      expect(stopped.find(({ what }) => what === 'blobs')).toMatchObject({ name: '2 contents', goes: true });
      expect([rows().blobs, existsSync(file)]).toEqual([before.blobs - 1, false]);
      for (const name of NAMES) expect(storedLog(room.home, idOf(name)).length).toBeGreaterThan(3); // throws where content is lost
      expect((await gc()).map(({ what }) => what)).not.toContain('blobs');
    },
  );

  it('and a backup do not meet, and the room works on', { timeout: 120_000 }, async () => {
    const lock = new DatabaseSync(join(room.home, 'upkeep.lock'));
    lock.exec('begin exclusive');
    expect(await room.tack(['gc'])).toMatchObject({ code: 1 });
    lock.close();
    await room.up();
    const { code, stdout } = await room.tack(['audit', 'verify']);
    expect([code, stdout]).toEqual([0, `${NAMES.length} logs are whole.\n`]);
  });
});
