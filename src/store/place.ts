/** Which database keeps the store of a data folder. It stays the same: a log that began anew elsewhere would be another log. */
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseUrl } from '../domain/database-url.ts';
import { TackError } from '../domain/errors.ts';

export interface Where {
  readonly data_folder: string;
  /** Postgres; null: a file of the data folder. */
  readonly database_url?: DatabaseUrl | null;
}

/** Says in the data folder that its store is elsewhere. */
interface Mark {
  readonly store_id: string;
  /** For people. */
  readonly at: string;
}

export const sqliteFile = (data_folder: string): string => join(data_folder, 'store.db');
const ENGINE_FILE = 'engine/temporal.db';
const markFile = (data_folder: string): string => join(data_folder, 'store.json');

/** Throws `store_elsewhere` when this data folder's store is in another kind of database. */
export function refuseOtherKind({ data_folder, database_url }: Where): void {
  const mark = readMark(data_folder);
  if (!database_url && mark)
    throw new TackError(
      'store_elsewhere',
      `${data_folder} keeps its store in Postgres at ${mark.at}. Set DATABASE_URL.`,
    );
  if (database_url && !mark && existsSync(sqliteFile(data_folder)))
    throw new TackError(
      'store_elsewhere',
      `${data_folder} keeps its store in store.db, and DATABASE_URL names ${database_url.shown}. Leave it out, or set TACK_HOME to a new folder.`,
    );
}

/** Throws `store_corrupt` when a file is gone from a folder that had one: a new one would know nothing of its sessions. */
export function refuseLost({ data_folder, database_url }: Where, engine: 'own' | 'elsewhere' = 'elsewhere'): void {
  const sessions = join(data_folder, 'sessions');
  const left = existsSync(sessions) ? readdirSync(sessions).length : 0;
  if (left === 0) return;
  const files = [...(database_url ? [] : ['store.db']), ...(engine === 'own' ? [ENGINE_FILE] : [])];
  const gone = files.filter((file) => !existsSync(join(data_folder, file)));
  if (gone.length > 0)
    throw new TackError(
      'store_corrupt',
      `${gone.join(' and ')} ${gone.length === 1 ? 'is' : 'are'} gone, and ${sessions} has the folders of ${left} session${left === 1 ? '' : 's'}.`,
    );
}

/** Notes the database at its first use; throws `store_elsewhere` when it is another one than before. */
export function keepTo(data_folder: string, { store_id, at }: Mark): void {
  const fresh = `${markFile(data_folder)}.${process.pid}`;
  if (!readMark(data_folder)) {
    writeFileSync(fresh, `${JSON.stringify({ store_id, at } satisfies Mark)}\n`, { mode: 0o600 });
    try {
      linkSync(fresh, markFile(data_folder)); // of two that write at once the first one's stays
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(fresh);
    }
  }
  const kept = readMark(data_folder);
  if (kept?.store_id === store_id) return;
  throw new TackError(
    'store_elsewhere',
    `${data_folder} keeps its store in Postgres at ${kept?.at ?? 'another place'}; ${at} is another store.`,
  );
}

function readMark(data_folder: string): Mark | null {
  try {
    return JSON.parse(readFileSync(markFile(data_folder), 'utf8')) as Mark;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new TackError('store_elsewhere', `${markFile(data_folder)} cannot be read: ${String(error)}`);
  }
}
