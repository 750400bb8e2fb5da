/** Disks of their own under one folder, small enough to be filled or broken: only root can make them. `df` and the kernel's list of mounts are the oracles. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** Takes what is left of it, to the last page: nothing else can grow then. */
  fill(): void;
  /** Gives it back. */
  empty(): void;
  /** In bytes, as `df` says. */
  free(): number;
  close(): void;
}

/** Mounted over the folder, whose owner and mode it takes. */
export function smallDisk(folder: string, megabytes: number): SmallDisk {
  const { uid, gid, mode } = statSync(folder);
  const own = `size=${megabytes}m,mode=${(mode & 0o777).toString(8)},uid=${uid},gid=${gid}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', own, 'tack-small-disk', folder]);
  const filler = join(folder, 'filler');
  return {
    free: () => Number(execFileSync('df', ['-B1', '--output=avail', folder], { encoding: 'utf8' }).split('\n')[1]),
    fill() {
      const fd = openSync(filler, 'a');
      const page = Buffer.alloc(4_096);
      try {
        while (statfsSync(folder).bavail > 0) writeSync(fd, page);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error; // somebody else took the last one
      } finally {
        closeSync(fd);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    close: () => void execFileSync('umount', ['-l', folder]),
  };
}

export interface FailingDisk {
  /** As the kernel does when the device fails: nothing can be written any more, open files included. */
  fail(): void;
  /** By the kernel's own list. */
  isReadOnly(): boolean;
  /** What is on it, on a new device: another mount namespace may hold the failed one for as long as it lives. */
  mend(): void;
  close(): void;
}

/** ext4 on a file. */
export function failingDisk(folder: string, megabytes: number): FailingDisk {
  const place = mkdtempSync(join(tmpdir(), 'tack-disk-'));
  const image = join(place, 'image');
  const { mode } = statSync(folder);
  execFileSync('truncate', ['-s', `${megabytes}M`, image]);
  execFileSync('mkfs.ext4', ['-q', image]);
  const mount = (from: string) => void execFileSync('mount', ['-o', 'loop', from, folder]);
  mount(image);
  chmodSync(folder, mode & 0o777);
  rmSync(join(folder, 'lost+found'), { recursive: true });
  return {
    fail: () => void execFileSync('mount', ['-o', 'remount,abort', folder]),
    isReadOnly: () =>
      readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .some((line) => line.includes(` ${folder} ext4 `) && /\b(emergency_)?ro\b/.test(line)),
    mend() {
      execFileSync('umount', ['-l', folder]);
      execFileSync('cp', [image, `${image}.mended`]);
      mount(`${image}.mended`);
    },
    close() {
      execFileSync('umount', ['-l', folder]);
      rmSync(place, { recursive: true });
    },
  };
}
