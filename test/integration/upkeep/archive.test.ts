/** The archive of a backup: what goes in comes out, `tar` reads it, and a damaged one is named. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readFrames, writeFrames } from '../../../src/upkeep/archive/frames.ts';
import type { Manifest } from '../../../src/upkeep/archive/manifest.ts';
import { writeArchive } from '../../../src/upkeep/archive/writer.ts';
import { copyFolder } from '../../../src/upkeep/backup/copy-folder.ts';
import { extract } from '../../../src/upkeep/restore/extract.ts';
import { verifyArchive } from '../../../src/upkeep/restore/verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'tack-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const inFolder = (name: string): string => mkdtempSync(join(folder, name));
const unread = (path: string, why: string): never => {
  throw new Error(`${path}: ${why}`);
};
const ABOUT: Omit<Manifest, 'entries'> = {
  object: 'backup',
  format: 1,
  tackroom: '0',
  version: '1',
  made_at: 'now',
  data_folder: '/old',
  owner_uid: process.getuid?.() ?? 0,
  sandbox_uid: 60_717,
  held_ms: 0,
  sessions: 1,
  left_out: [],
};

const LONG = `${'long'.repeat(30)}/${'name'.repeat(40)}`;

/** An archive of `sessions` as it is now, and once more after `change`. */
function archived(
  data_folder: string,
  change: () => void = () => undefined,
  hears: (path: string, why: string) => void = unread,
): string {
  const file = join(folder, `${crypto.randomUUID()}.tar.zst`);
  const fd = openSync(file, 'wx');
  const archive = writeArchive(writeFrames(fd));
  const copy = copyFolder({ archive, host: join(data_folder, 'sessions'), path: 'sessions', unread: hears });
  copy.again();
  change();
  copy.again();
  archive.seal(ABOUT);
  closeSync(fd);
  return file;
}

function aDataFolder(): string {
  const data_folder = inFolder('from-');
  const session = join(data_folder, 'sessions', 'ses_1');
  mkdirSync(join(session, LONG), { recursive: true });
  writeFileSync(join(session, LONG, 'file'), 'deep');
  writeFileSync(join(session, 'empty'), '');
  writeFileSync(join(session, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(session, 'large'), Buffer.alloc(5_000_000, 'tackroom'));
  writeFileSync(Buffer.from(`${session}/\xff\xfe`, 'latin1'), 'a name that is no UTF-8');
  symlinkSync('/etc/passwd', join(session, 'link'));
  symlinkSync('x'.repeat(300), join(session, 'long-link'));
  return data_folder;
}

/** Oracle: `tar` and `find`, not our code. */
const listed = (data_folder: string): string =>
  execFileSync(
    'sh',
    [
      '-c',
      'cd "$1/sessions" && LC_ALL=C find . ! -type d -exec sh -c \'for f; do printf "%s " "$f"; stat -c "%A %s" "$f"; [ -L "$f" ] && readlink "$f" || sha256sum < "$f"; done\' _ {} + | LC_ALL=C sort',
      '_',
      data_folder,
    ],
    { encoding: 'latin1' },
  );

function restored(file: string): string {
  const data_folder = inFolder('to-');
  extract(file, { manifest: verifyArchive(file), data_folder });
  return data_folder;
}

describe('an archive', { timeout: 60_000 }, () => {
  it('gives back every file as it was: long and strange names, modes, symlinks, large content', () => {
    const from = aDataFolder();
    expect(listed(restored(archived(from)))).toBe(listed(from));
  });

  it('leaves out by name what an agent buried deeper than another data folder could take it, and has the rest', () => {
    const data_folder = aDataFolder();
    const before = listed(data_folder);
    const bury = 'chdir $ARGV[0]; for (1..30) { mkdir "x" x 200; chdir "x" x 200; open(F, ">f"); close(F) }';
    execFileSync('perl', ['-e', bury, join(data_folder, 'sessions', 'ses_1')]);
    const left_out: string[] = [];
    const file = archived(data_folder, undefined, (path, why) => left_out.push(`${path.length > 3_000} ${why}`));
    expect(new Set(left_out)).toEqual(new Set(['true ENAMETOOLONG']));
    const far = join(inFolder('far-'), ...Array.from({ length: 4 }, () => 'y'.repeat(200)));
    mkdirSync(far, { recursive: true });
    extract(file, { manifest: verifyArchive(file), data_folder: far }); // a longer path than the one it came from
    const there = listed(far).split('\n');
    expect(before.split('\n').filter((line) => !there.includes(line))).toEqual([]);
    execFileSync('rm', ['-rf', data_folder]);
  });

  it('is a tar that `tar` reads, once it is decompressed', () => {
    const from = aDataFolder();
    const fd = openSync(archived(from), 'r');
    const tar = join(folder, 'plain.tar');
    writeFileSync(tar, Buffer.concat([...readFrames(fd)]));
    closeSync(fd);
    const to = inFolder('tar-');
    execFileSync('tar', ['-xf', tar, '-C', to]);
    expect(listed(to)).toBe(listed(from));
  });

  it('has what changed, came and went between two looks as it was at the last one', () => {
    const from = aDataFolder();
    const session = join(from, 'sessions', 'ses_1');
    const file = archived(from, () => {
      writeFileSync(join(session, 'empty'), 'no more');
      writeFileSync(join(session, 'new'), 'came');
      rmSync(join(session, LONG), { recursive: true });
      rmSync(join(session, 'run.sh'));
      symlinkSync('elsewhere', join(session, 'run.sh'));
    });
    const to = restored(file);
    expect(listed(to)).toBe(listed(from));
    expect(readFileSync(join(to, 'sessions/ses_1/empty'), 'utf8')).toBe('no more');
    expect(lstatSync(join(to, 'sessions/ses_1/run.sh')).isSymbolicLink()).toBe(true);
  });

  it('is refused wherever one byte of it was changed, or its end is cut', () => {
    const whole = readFileSync(archived(aDataFolder()));
    const file = join(folder, 'damaged');
    for (const share of [0, 0.001, 0.2, 0.5, 0.8, 0.95, 0.999]) {
      const bytes = Buffer.from(whole);
      const at = Math.min(bytes.length - 1, Math.floor(bytes.length * share));
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(file, bytes);
      expect(() => verifyArchive(file), `byte ${at}`).toThrow(/^The backup is damaged: .+/);
      writeFileSync(file, whole.subarray(0, at));
      expect(() => verifyArchive(file), `cut at ${at}`).toThrow(/^The backup is damaged: .+/);
    }
    expect(() => verifyArchive(file)).toThrow();
    writeFileSync(file, whole);
    expect(verifyArchive(file).entries.length).toBeGreaterThan(8);
  });

  it('names the entry whose content is another one, though every frame is whole', () => {
    const from = aDataFolder();
    const fd = openSync(archived(from), 'r');
    const tar = Buffer.concat([...readFrames(fd)]);
    closeSync(fd);
    tar.write('DEEP', tar.indexOf('deep'));
    const file = join(folder, 'forged');
    const out = openSync(file, 'w');
    const frames = writeFrames(out);
    frames.write(tar);
    frames.end();
    closeSync(out);
    expect(() => verifyArchive(file)).toThrow(/long\/.*name\/file is not what was written/);
  });

  it('writes nothing outside of its folder and through no symlink, whoever made the archive', () => {
    for (const path of ['../out', '/out', 'sessions/ses_1/../../out', 'sessions/ses_1/link/out']) {
      const from = inFolder('evil-');
      mkdirSync(join(from, 'sessions/ses_1'), { recursive: true });
      symlinkSync(folder, join(from, 'sessions/ses_1/link'));
      writeFileSync(join(from, 'evil'), 'evil');
      const file = join(folder, `${crypto.randomUUID()}.tar.zst`);
      const fd = openSync(file, 'wx');
      const archive = writeArchive(writeFrames(fd));
      copyFolder({ archive, host: join(from, 'sessions'), path: 'sessions', unread }).again();
      archive.add(path, Buffer.from(join(from, 'evil')), lstatSync(join(from, 'evil'), { bigint: true }));
      archive.seal(ABOUT);
      closeSync(fd);
      expect(() => restored(file), path).toThrow('strange place');
      expect(lstatSync(join(folder, 'out'), { throwIfNoEntry: false }), path).toBeUndefined();
    }
  });
});

const has_zstd = spawnSync('zstd', ['--version']).status === 0;

describe('frames', () => {
  it.skipIf(!has_zstd)('are read by zstd itself (where it is installed)', () => {
    const file = join(folder, 'frames.zst');
    const fd = openSync(file, 'w');
    const frames = writeFrames(fd);
    frames.write(Buffer.alloc(10_000_000, 'a'));
    frames.write(Buffer.from('end'));
    frames.end();
    closeSync(fd);
    const plain = execFileSync('zstd', ['-dcq', file], { maxBuffer: 20_000_000 });
    expect([plain.length, plain.subarray(-4).toString()]).toEqual([10_000_003, 'aend']);
  });
});
