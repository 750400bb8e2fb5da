import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

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
  if (process.getuid?.() !== 0) await openUp(leaving);
  await rm(leaving, { recursive: true, force: true });
}

async function openUp(folder: string): Promise<void> {
  const stat = await lstat(folder);
  if (!stat.isDirectory()) return;
  if ((stat.mode & 0o700) !== 0o700) await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(folder, entry.name));
  }
}
