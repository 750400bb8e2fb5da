/** Reads a file that lies where an agent can write. */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { TackError } from '../../domain/errors.ts';

/** What is larger is no transcript any more, however slowly it grew: all of it is kept. */
const BYTES_MAX = 256_000_000;

/**
 * What stands in the file from a byte on; null when it has fewer. Nothing there reads as an empty file. Throws
 * `gate_bypassed` for what is not the agent's own regular file: a symlink, also on the way, would make us read whatever it leads to.
 */
export function readOwn(file: string, { uid, from }: { readonly uid: number; readonly from: number }): Buffer | null {
  const fd = openOrNot(file);
  if (fd === null) return from === 0 ? Buffer.alloc(0) : null;
  try {
    const stat = fstatSync(fd);
    const isOwn =
      stat.isFile() &&
      stat.uid === uid &&
      (process.platform !== 'linux' || readlinkSync(`/proc/self/fd/${fd}`) === file);
    if (!isOwn) throw strange(file);
    if (stat.size < from) return null;
    if (stat.size > BYTES_MAX) throw strange(file);
    const bytes = Buffer.alloc(stat.size - from);
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}

function openOrNot(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') throw strange(file);
    throw error;
  }
}

const strange = (file: string): TackError =>
  new TackError('gate_bypassed', `${file} is not the transcript that Claude Code writes.`);
