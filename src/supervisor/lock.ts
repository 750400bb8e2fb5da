/** One supervisor a data folder: two engines on one file would both accept work. The kernel lets go of the lock when its holder dies. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isTackError, TackError } from '../domain/errors.ts';

/** Somebody may look whether it is held, just now. */
const PATIENCE_MS = 200;

/** Takes the lock for as long as the process lives, or until released. `already_running` when another one has it. */
export function takeLock(file: string): { release(): void } {
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
  try {
    database.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw isBusy(cause)
      ? new TackError('already_running', `Another supervisor holds ${file}.`, { cause })
      : new TackError('data_folder_invalid', `${file} cannot be taken: ${String(cause)}`, { cause });
  }
  return { release: () => database.close() };
}

/** SQLITE_BUSY. Locks are asked for before anything is written: a full or read-only disk is no other supervisor. */
const isBusy = (error: unknown): boolean => (Number((error as { errcode?: unknown }).errcode) & 0xff) === 5;

/** Whether a living process holds it. */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    takeLock(file).release();
    return false;
  } catch (error) {
    if (isTackError(error)) return error.code === 'already_running';
    throw error;
  }
}
