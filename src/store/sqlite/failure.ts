/** What SQLite says, in the words of the error table. Messages name the file only: the data folder may be moved, and histories keep messages. */
import { TackError } from '../../domain/errors.ts';

/** Primary result codes. Source: https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
/** SQLITE_IOERR_SHMSIZE: the index beside the file cannot grow, at an opening or later. */
const NO_ROOM_BESIDE = 4_874;
const CODES: Readonly<Record<number, (file: string, said: string) => TackError>> = {
  3: noAccess, // PERM
  [BUSY]: locked,
  [LOCKED]: locked,
  8: noAccess, // READONLY
  10: (file, said) =>
    new TackError(
      'store_unavailable',
      `The disk failed while ${file} was used (${said}). Check the disk and its mount.`,
    ),
  11: damaged, // CORRUPT
  13: full,
  14: noAccess, // CANTOPEN
  26: damaged, // NOTADB
};

/** The error of the table, or the error as it came. */
export function storeFailure(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (code === null)
    return isClosed(error) ? new TackError('store_unavailable', 'The store was closed.', { cause: error }) : error;
  if ((error as { errcode?: unknown }).errcode === NO_ROOM_BESIDE) return full(file);
  return CODES[code]?.(file, (error as Error).message) ?? error;
}

/** Another connection holds the lock: the same again may work at once. */
export const isBusy = (error: unknown): boolean => [BUSY, LOCKED].includes(codeOf(error) ?? 0);

function codeOf(error: unknown): number | null {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : null;
}

const isClosed = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ERR_INVALID_STATE';

function locked(file: string): TackError {
  return new TackError(
    'store_unavailable',
    `Another process has kept ${file} locked for too long. \`tack status\` shows the roles; end what else has it open (\`fuser ${file}\`).`,
  );
}

function full(file: string): TackError {
  return new TackError('store_unavailable', `The disk is full: ${file} cannot grow. Free some space; then it goes on.`);
}

export function noAccess(file: string, said: string): TackError {
  return new TackError(
    'store_unavailable',
    `${file} cannot be opened for writing (${said}). Check owner and mode of the data folder, and that its disk is not mounted read-only.`,
  );
}

function damaged(file: string, said: string): TackError {
  return new TackError('store_corrupt', `${file} is damaged (${said}).`);
}
