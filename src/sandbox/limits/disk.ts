/** How much a session has written, whatever it did with it meanwhile. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { SessionFolders } from '../contract.ts';

/** The bytes that these folders take on the disk. What cannot be read is not counted. */
export async function bytesOf({ work, home, out }: SessionFolders): Promise<number> {
  const child = spawn('du', ['--summarize', '--one-file-system', '--block-size=1', '--', work, home, out], {
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const said = await Promise.race([text(child.stdout), failed]);
  return said.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
}

/**
 * What the folders held before the session ran its first command: files that it did not write. Measured once, and kept
 * beside them where no session sees it.
 */
export async function bytesBefore(folders: SessionFolders): Promise<number> {
  const file = join(dirname(folders.work), 'disk.json');
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { before: number }).before;
  } catch {
    const before = await bytesOf(folders);
    writeFileSync(file, JSON.stringify({ before }), { mode: 0o600 });
    return before;
  }
}
