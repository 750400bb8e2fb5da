/** Claude Code's own transcript: laid into a fresh home from the archive, and followed out of it line by line. */
import { createHash } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Where the transcript of a session lies below its home. */
export function transcriptPath(cwd: string, native_session_id: string): string {
  return join('.claude', 'projects', cwd.replaceAll(/[^a-zA-Z0-9]/g, '-'), `${native_session_id}.jsonl`);
}

/** A home without anything that a former turn left for Claude Code to believe, and with the archived transcript. */
export function layHome(
  home: string,
  { path, transcript, uid }: { readonly path: string; readonly transcript: Uint8Array; readonly uid: number },
): void {
  for (const name of ['.claude', '.claude.json', '.claude.json.backup', '.mcp.json'])
    rmSync(join(home, name), { recursive: true, force: true });
  const folders = path
    .split('/')
    .slice(0, -1)
    .map((_, n, parts) => join(home, ...parts.slice(0, n + 1)));
  for (const folder of folders) {
    mkdirSync(folder, { mode: 0o700 });
    if (process.getuid?.() === 0) chownSync(folder, uid, uid);
  }
  if (transcript.length === 0) return;
  writeFileSync(join(home, path), transcript, { mode: 0o600, flag: 'wx' });
  if (process.getuid?.() === 0) chownSync(join(home, path), uid, uid);
}

export interface Transcript {
  /** Archives the whole lines that were added. Serial: a second call waits for the first. */
  follow(): Promise<void>;
  /** Whether what was archived still stands in the file as it was. */
  isUntouched(): boolean;
}

export interface FollowOptions {
  readonly file: string;
  readonly uid: number;
  /** The archived beginning, which the file already has. */
  readonly archived: Uint8Array;
  readonly archive: (offset: number, bytes: Uint8Array) => Promise<void>;
}

export function followTranscript({ file, uid, archived, archive }: FollowOptions): Transcript {
  const hash = createHash('sha256').update(archived);
  let offset = archived.length;
  let last: Promise<void> = Promise.resolve();

  async function step(): Promise<void> {
    const bytes = read(file, { uid, from: offset });
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end === 0) return;
    const lines = bytes.subarray(0, end);
    await archive(offset, lines);
    hash.update(lines);
    offset += end;
  }

  return {
    follow: () => (last = last.then(step)),
    isUntouched: () =>
      createHash('sha256')
        .update(read(file, { uid, from: 0 }).subarray(0, offset))
        .digest('hex') === hash.copy().digest('hex'),
  };
}

/** The file lies where an agent can write: no symlink on the way, a regular file, its own. Nothing there reads as nothing. */
function read(file: string, { uid, from }: { readonly uid: number; readonly from: number }): Buffer {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const stat = fstatSync(fd);
    const is_own =
      stat.isFile() &&
      stat.uid === uid &&
      (process.platform !== 'linux' || readlinkSync(`/proc/self/fd/${fd}`) === file);
    if (!is_own) throw new Error(`${file} is not the transcript that we laid there`);
    const bytes = Buffer.alloc(Math.max(0, stat.size - from));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, from));
  } finally {
    closeSync(fd);
  }
}
