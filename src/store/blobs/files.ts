/** Large blobs as files, named by their digest. A file is durable before anything names it. */
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TackError } from '../../domain/errors.ts';

export interface BlobFiles {
  keep(digest: string, bytes: Uint8Array): Promise<void>;
  /** Null when it is gone. */
  find(digest: string): Promise<Uint8Array | null>;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** `nonce` names what is being written: two processes may keep the same bytes at once. */
export function createBlobFiles(folder: string, nonce: () => string): BlobFiles {
  const pathOf = (digest: string): string => join(folder, digest.slice(0, 2), digest);

  return {
    keep: (digest, bytes) =>
      orUnavailable(async () => {
        const path = pathOf(digest);
        if (!(await exists(path))) {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await write(path, `${path}.${nonce()}`, bytes);
        }
        for (const named of [dirname(path), folder, dirname(folder)]) await sync(named); // another process may have written it, and its name is not on the disk yet
      }),
    find: (digest) =>
      orUnavailable(async () => {
        if (!DIGEST.test(digest)) return null; // it may have been typed into the engine, and would lead anywhere
        try {
          return await readFile(pathOf(digest));
        } catch (error) {
          if (codeOf(error) === 'ENOENT') return null;
          throw error;
        }
      }),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Under its name only when it is whole. */
async function write(path: string, unfinished: string, bytes: Uint8Array): Promise<void> {
  try {
    const handle = await open(unfinished, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const WAYS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the quota is used up: free some space',
  EACCES: 'no right to write: check owner and mode of the data folder',
  EPERM: 'no right to write: check owner and mode of the data folder',
  EROFS: 'the disk is mounted read-only',
};

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new TackError(
      'store_unavailable',
      `The folder of the blobs fails with ${code}: ${WAYS[code] ?? 'check the disk'}.`,
      {
        data: { code },
      },
    );
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;
