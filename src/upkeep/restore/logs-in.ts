/** The logs of a backup, laid out for whoever reads them, and taken away again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from './extract.ts';
import { verifyArchive } from './verify.ts';

/** Throws `backup_damaged`. */
export function logsIn(file: string): { readonly data_folder: string; remove(): void } {
  const manifest = verifyArchive(file);
  const data_folder = mkdtempSync(join(tmpdir(), 'tack-backup-'));
  const remove = (): void => rmSync(data_folder, { recursive: true, force: true });
  try {
    extract(file, { manifest, data_folder, wanted: (path) => path === 'store.db' || /^blobs(\/|$)/.test(path) });
    return { data_folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
