/** The store as evidence: read only, beside whoever uses it. */
import { createHash } from 'node:crypto';
import { createBlobFiles } from './blobs/files.ts';
import { createAudit, type Audit } from './log/audit.ts';
import { blobsFolder } from './open.ts';
import { refuseOtherKind, sqliteFile, type Where } from './place.ts';
import { readSqlite } from './sqlite/read-only.ts';

/** Throws what opening a store throws. */
export async function openAudit(where: Where): Promise<Audit & { close(): Promise<void> }> {
  refuseOtherKind(where);
  const { data_folder, database_url } = where;
  const { read, close } = database_url
    ? await (await import('./postgres/connect.ts')).readPostgres(database_url)
    : readSqlite(sqliteFile(data_folder));
  const files = createBlobFiles(blobsFolder(data_folder), () => {
    throw new TypeError('An audit keeps nothing.');
  });
  return { ...createAudit({ read, files, sha256 }), close: async () => close() };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
