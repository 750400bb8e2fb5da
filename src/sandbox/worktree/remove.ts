import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Removes a session's folder, whatever its agent made of it: symlinks are not followed, folders without rights are opened
 * first. Under another name at once, so that a half-removed one is no session. No process of the session may be left.
 */
export async function removeSessionFolder(folder: string): Promise<void> {
  const leaving = `${folder}.removed-${Date.now()}`;
  try {
    await rename(folder, leaving);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (process.getuid?.() !== 0) await run('chmod', ['-R', 'u+rwX', leaving]).catch(() => undefined); // what stays closed, `rm` names
  await run('rm', ['-rf', leaving]);
}

/** Programs that go from folder to folder: no path is too long for them, and no name is no text. */
const run = (program: string, args: readonly string[]) =>
  promisify(execFile)(program, args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, maxBuffer: 2 ** 26 });
