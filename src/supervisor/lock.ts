/** One supervisor a data folder: two engines on one file would both accept work. The kernel lets go of the lock when its holder dies. */
import { DatabaseSync } from 'node:sqlite';
import { TackError } from '../domain/errors.ts';

/** Takes the lock for as long as the process lives, or until released. `already_running` when another one has it. */
export function takeLock(file: string): { release(): void } {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new TackError('already_running', `Another supervisor holds ${file}.`, { cause });
  }
  return { release: () => database.close() };
}
