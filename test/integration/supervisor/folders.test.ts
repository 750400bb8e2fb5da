/** Where the sockets lie, whose they are, and what is kept of a role's words. */
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../../../src/config.ts';
import { groupStatus } from '../../../src/supervisor/control.ts';
import { prepareFolders } from '../../../src/supervisor/data-folder.ts';
import { stopGroup } from '../../../src/supervisor/start-group.ts';
import { isLocked, takeLock } from '../../../src/supervisor/lock.ts';
import { openLog } from '../../../src/supervisor/log-file.ts';
import { openRoom } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';

const is_root = process.getuid?.() === 0;
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const scratch = (prefix = 'tack-folder-') => {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.push(folder);
  return folder;
};
const configOf = (over: Partial<Config>): Pick<Config, 'data_folder' | 'run_folder' | 'is_root'> => {
  const data_folder = scratch();
  return { data_folder, run_folder: join(data_folder, 'run'), is_root, ...over };
};

/** Somebody else's, whoever we are: root gives one away, anybody else meets root's. */
function foreignFolder(): string {
  if (!is_root) return '/usr';
  const folder = scratch();
  chownSync(folder, 65_534, 65_534);
  return folder;
}

describe('the folder of sockets', () => {
  it('is short, and another one for each data folder', () => {
    const [one, two] = [scratch(), scratch()].map((TACK_HOME) => loadConfig({ TACK_HOME }).run_folder);
    expect(one).not.toBe(two);
    for (const folder of [one ?? '', two ?? '']) {
      expect(folder).toMatch(/\/tackroom-(\d+-)?[0-9a-f]{8}$/);
      expect(Buffer.byteLength(join(folder, 'e', 'x'.repeat(26), 'e.sock'))).toBeLessThanOrEqual(107);
    }
  });

  it('is in the XDG_RUNTIME_DIR when that is one’s own and short, else in /tmp; root’s is always in /run', () => {
    const TACK_HOME = scratch();
    const own = scratch();
    const long = join(scratch(), 'x'.repeat(60));
    mkdirSync(long);
    const at = (XDG_RUNTIME_DIR: string) => loadConfig({ TACK_HOME, XDG_RUNTIME_DIR }).run_folder;
    if (is_root) return expect(at(own)).toMatch(/^\/run\/tackroom-[0-9a-f]{8}$/);
    expect(at(own).startsWith(own)).toBe(true);
    for (const elsewhere of [long, '/root', '/usr', join(own, 'missing'), 'relative'])
      expect(at(elsewhere)).toMatch(/^\/(run\/user\/\d+|tmp)\/tackroom-/);
  });

  it('is made for its owner alone', () => {
    const config = configOf({});
    mkdirSync(config.run_folder, { mode: 0o777 });
    prepareFolders(config);
    expect(statSync(config.run_folder).mode & 0o777).toBe(0o700);
  });

  it('is refused when it is somebody else’s, or a link to elsewhere: nothing is started there, and nobody is asked', async () => {
    const run_folder = foreignFolder();
    const words = { code: 'data_folder_invalid', message: expect.stringContaining('belongs to uid') as string };
    expect(() => prepareFolders(configOf({ run_folder }))).toThrow(expect.objectContaining(words) as Error);
    await expect(async () => groupStatus(run_folder)).rejects.toMatchObject(words);
    const link = join(scratch(), 'link');
    symlinkSync(scratch(), link);
    expect(() => prepareFolders(configOf({ run_folder: link }))).toThrow(/is not a folder/);
  });

  it('is made again when it was taken away under a running group', async () => {
    const room = openRoom();
    try {
      const before = await room.up();
      const { run_folder } = loadConfig(room.env);
      rmSync(run_folder, { recursive: true });
      const after = await until('the sockets', async () => {
        if (!existsSync(join(run_folder, 'supervisor.sock'))) return undefined;
        const group = await room.status();
        return group.ready && group.roles.every(({ role, restarts }) => role === 'engine' || restarts === 1)
          ? group
          : undefined;
      });
      expect(after.pid).toBe(before.pid);
      expect(readdirSync(run_folder).toSorted()).toEqual([
        'broker.sock',
        'e',
        'frames.sock',
        'judge.sock',
        'supervisor.sock',
      ]);
    } finally {
      await room.close();
    }
  });
});

describe('tack down, when nothing runs', () => {
  it('takes away what a start that came to nothing has made, and leaves the sockets of a role that runs alone', async () => {
    const [bare, alone] = [scratch(), scratch()].map((TACK_HOME) => loadConfig({ TACK_HOME }));
    for (const config of [bare!, alone!]) prepareFolders(config);
    folders.push(alone!.run_folder);
    writeFileSync(join(alone!.run_folder, 'broker.sock'), '');
    for (const config of [bare!, alone!]) expect(await stopGroup(config)).toBe(false);
    expect([bare, alone].map((config) => existsSync(config!.run_folder))).toEqual([false, true]);
  });
});

describe('the data folder', () => {
  it('is refused when it is somebody else’s, or a newer version’s', () => {
    const data_folder = foreignFolder();
    expect(() => prepareFolders(configOf({ data_folder }))).toThrow(/belongs to uid/);
    const config = configOf({});
    prepareFolders(config);
    const token = readFileSync(join(config.data_folder, 'token'), 'utf8');
    prepareFolders(config);
    expect(readFileSync(join(config.data_folder, 'token'), 'utf8')).toBe(token);
    expect(token).toMatch(/^[\w-]{43}\n$/);
  });

  it('has a version and a token also after a power cut in its first moment, which left them empty', () => {
    const config = configOf({});
    prepareFolders(config);
    for (const name of ['version', 'token']) writeFileSync(join(config.data_folder, name), '');
    prepareFolders(config);
    expect(readFileSync(join(config.data_folder, 'version'), 'utf8')).toBe('1\n');
    expect(readFileSync(join(config.data_folder, 'token'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
  });

  it('is locked by one; a lock that cannot be taken for another reason is no other supervisor', () => {
    const file = join(scratch(), 'lock');
    const lock = takeLock(file);
    expect(() => takeLock(file)).toThrow(expect.objectContaining({ code: 'already_running' }) as Error);
    expect(isLocked(file)).toBe(true); // control
    lock.release();
    writeFileSync(file, 'no lock at all, '.repeat(100));
    expect(() => takeLock(file)).toThrow(expect.objectContaining({ code: 'data_folder_invalid' }) as Error);
    expect(isLocked(file)).toBe(false);
  });
});

describe('the log of a role', () => {
  it('that has no room ends nobody: what was lost is counted, and told when there is room', () => {
    const file = join(scratch(), 'engine.log');
    symlinkSync('/dev/full', file);
    const log = openLog(file);
    for (const word of ['one', 'two', 'three']) log.write(`${word}\n`);
    rmSync(file);
    log.write('four\n');
    const [, lost = '', four] = readFileSync(file, 'utf8').split('\n');
    expect(JSON.parse(lost)).toMatchObject({ level: 'warn', msg: 'log.lost', lines: 3, why: 'ENOSPC' });
    expect(four).toBe('four');
  });

  it('is ten files; the oldest words go first', () => {
    const file = join(scratch(), 'engine.log');
    const log = openLog(file, { bytes_max: 100 });
    for (let n = 0; n < 150; n++) log.write(`${String(n).padStart(9, '0')}\n`);
    const names = readdirSync(join(file, '..')).toSorted();
    expect(names).toEqual(['engine.log', ...Array.from({ length: 9 }, (_, n) => `engine.log.${n + 1}`)]);
    const all = [...names.slice(1).toReversed(), 'engine.log'].flatMap((name) =>
      readFileSync(join(file, '..', name), 'utf8')
        .trim()
        .split('\n')
        .map(Number),
    );
    expect(all.at(-1)).toBe(149);
    expect(all).toEqual(all.map((_, n) => 149 - (all.length - 1) + n)); // no gap
    expect(all.length).toBeLessThan(150);
    openLog(file, { bytes_max: 100 }).write('more\n'); // a next supervisor goes on
    expect(readFileSync(file, 'utf8')).toContain('more');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
