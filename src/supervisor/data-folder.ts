/** The data folder and the folder of sockets: made, owned, closed to others. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import { syncFolder } from './sync-folder.ts';

const VERSION = '1';
const PRIVATE = ['engine', 'logs', 'tools', 'blobs'] as const;
/** Below these the sandbox's own uid works; the folders of others stay closed to it. */
const SHARED = ['projects', 'sessions'] as const;

/** Makes what is missing. `data_folder_invalid` when it belongs to somebody else, or to a newer version. */
export function prepareFolders({
  data_folder,
  run_folder,
  is_root,
}: Pick<Config, 'data_folder' | 'run_folder' | 'is_root'>): void {
  const passable = is_root ? 0o711 : 0o700;
  try {
    ownFolder(data_folder, passable);
    for (const name of PRIVATE) ownFolder(join(data_folder, name), 0o700);
    for (const name of SHARED) ownFolder(join(data_folder, name), passable);
    ownFolder(run_folder, 0o700);
    ownFolder(join(run_folder, 'e'), passable);
    checkVersion(join(data_folder, 'version'));
    makeToken(join(data_folder, 'token'));
  } catch (cause) {
    if (cause instanceof TackError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = WHY[code ?? ''] ?? (cause instanceof Error ? message : String(cause));
    throw new TackError('data_folder_invalid', `${data_folder} cannot be used: ${why}`, { cause });
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full (ENOSPC). Free some space, then start again.',
  EDQUOT: 'the quota of its owner is used up (EDQUOT). Free some space, then start again.',
  EROFS: 'its disk is mounted read-only (EROFS). Look why (`dmesg`), and mount it for writing.',
};

/** A folder in a place that others can write to may be somebody else's trap: neither a symlink nor another owner. */
function ownFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new TackError('data_folder_invalid', `${path} is not a folder.`);
  if (found.uid !== process.getuid?.())
    throw new TackError(
      'data_folder_invalid',
      `${path} belongs to uid ${found.uid}. Set TACK_HOME to a folder of your own.`,
    );
  chmodSync(path, mode);
}

function checkVersion(file: string): void {
  if (isMissing(file)) makeOnce(file, `${VERSION}\n`, 0o644);
  const found = readFileSync(file, 'utf8').trim();
  if (found !== VERSION)
    throw new TackError(
      'data_folder_invalid',
      `The data folder has version ${found}, this Tackroom knows ${VERSION}. Update Tackroom, or set TACK_HOME.`,
    );
}

function makeToken(file: string): void {
  if (!isMissing(file)) return chmodSync(file, 0o600);
  makeOnce(file, `${randomBytes(32).toString('base64url')}\n`, 0o600);
}

/** An empty one is what a power cut has left of a first start: it says nothing, and as a token it must not count. */
function isMissing(file: string): boolean {
  if (!existsSync(file)) return true;
  if (statSync(file).size > 0) return false;
  rmSync(file);
  return true;
}

/** Whole or not at all, also after a power cut, and of two that make it at once the first one's stays. */
function makeOnce(file: string, text: string, mode: number): void {
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, text, { mode, flush: true });
    linkSync(fresh, file);
    syncFolder(dirname(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}
