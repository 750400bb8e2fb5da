import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookInto } from '../../../src/harnesses/look.ts';

const seen = { home: '/home/agent', work: '/home/agent/work', out: '/home/agent/out' };
let root: string;
let look: ReturnType<typeof lookInto>;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tack-look-')));
  const folders = { work: join(root, 'work'), home: join(root, 'home'), out: join(root, 'out') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  mkdirSync(join(folders.work, 'src'));
  writeFileSync(join(folders.work, 'a.txt'), 'a\n');
  writeFileSync(join(folders.work, 'src/b.txt'), 'b\n');
  look = lookInto(folders, seen);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const link = (name: string, target: string) => symlinkSync(target, join(root, 'work', name));

describe('lookInto', () => {
  it.each([
    ['a.txt', '/home/agent/work/a.txt'],
    ['./src/../a.txt', '/home/agent/work/a.txt'],
    ['/home/agent/x', '/home/agent/x'],
    ['../../..', '/'],
    ['/etc/passwd', '/etc/passwd'],
    ['', '/home/agent/work'],
  ])('%j is %s', (path, resolved) => expect(look.resolve(path)).toBe(resolved));

  it('a path is relative to where the shell stands', () =>
    expect(look.resolve('b.txt', '/home/agent/work/src')).toBe('/home/agent/work/src/b.txt'));

  it('a symlink is what it leads to, as the sandbox sees it', () => {
    link('inner', 'src');
    link('outer', '/etc');
    link('up', '../../..');
    link('chain', 'outer');
    expect(look.resolve('inner/b.txt')).toBe('/home/agent/work/src/b.txt');
    expect(look.resolve('outer/passwd')).toBe('/etc/passwd');
    expect(look.resolve('chain/passwd')).toBe('/etc/passwd');
    expect(look.resolve('up/etc')).toBe('/etc');
    expect(look.resolve('outer/../x')).toBe('/home/agent/work/x'); // as Claude Code reads `..`: before links
  });

  it('a circle of symlinks leads nowhere that is allowed', () => {
    link('one', 'two');
    link('two', 'one');
    expect(look.resolve('one')).toBe('/dev/null/too-many-links');
  });

  it('names the files of the worktree that a script names, with the hash that git has', () => {
    link('linked', 'a.txt');
    link('outside', '/etc/passwd');
    const blob = execFileSync('git', ['hash-object', join(root, 'work/a.txt')], { encoding: 'utf8' }).trim();
    const named = [{ path: '/home/agent/work/a.txt', blob }];
    expect(look.named('cat a.txt | sh')).toEqual(named);
    expect(look.named("sh 'a.txt'; ./a.txt>out")).toEqual(named);
    expect(look.named('cat ../a.txt', '/home/agent/work/src')).toEqual(named);
    expect(look.named('cat linked')).toEqual(named);
    expect(look.named('cat outside src missing /etc/passwd')).toEqual([]);
  });

  it('names those below the folders that a script changes into', () => {
    mkdirSync(join(root, 'work/src/deep'));
    writeFileSync(join(root, 'work/src/deep/run.sh'), 'x\n');
    const paths = (script: string, from?: string) => look.named(script, from).map(({ path }) => path);
    expect(paths('cd src && cat b.txt')).toEqual(['/home/agent/work/src/b.txt']);
    expect(paths('(cd src; cd deep; ./run.sh)')).toEqual(['/home/agent/work/src/deep/run.sh']);
    expect(paths('make -C src/deep -f run.sh')).toEqual(['/home/agent/work/src/deep/run.sh']);
    expect(paths('cat b.txt')).toEqual([]);
    writeFileSync(join(root, 'home/x.sh'), 'x\n');
    expect(paths('sh /home/agent/x.sh')).toEqual(['/home/agent/x.sh']); // its home can be written, too
  });

  it('leaves no named file out, however many and large they are: a rewritten one is another one', () => {
    const many = Array.from({ length: 60 }, (_, n) => `f${String(n).padStart(2, '0')}`);
    for (const name of many) writeFileSync(join(root, 'work', name), name);
    const last = join(root, 'work', 'f59');
    const rewritten = (script: string, file: string) => {
      const before = look.named(script);
      const { atime, mtime, size } = statSync(file);
      writeFileSync(file, Buffer.alloc(size, 'y'));
      utimesSync(file, atime, mtime); // as an agent would, to look unchanged
      return [before.length, before.at(-1)?.blob === look.named(script).at(-1)?.blob];
    };
    expect(rewritten(`cat ${many.join(' ')}`, last)).toEqual([60, false]);
    const large = join(root, 'work/large');
    writeFileSync(large, Buffer.alloc(21_000_000));
    expect(rewritten('./large', large)).toEqual([1, false]);
  });

  it('sees what is there in the places of the session, and nothing elsewhere', () => {
    expect(look.exists('/home/agent/work/a.txt')).toBe(true);
    expect(look.exists('/home/agent/work/no.txt')).toBe(false);
    expect(look.exists('/etc/passwd')).toBe(false);
  });
});
