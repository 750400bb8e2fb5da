/** Content by its digest: rows when it is small, files else. */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { DEFAULTS } from '../../domain/defaults.ts';
import type { Tables } from '../tables.ts';
import type { BlobFiles } from './files.ts';

/** From this size on a blob is a file. */
export const FILE_FROM_BYTES = DEFAULTS.blob_inline_bytes;

/** Bytes by digest. */
export type Contents = ReadonlyMap<string, Uint8Array>;

export const digestOfBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Keeps those that are files, durably: before the transaction whose rows name them. */
export async function keepFiles(files: BlobFiles, contents: Contents): Promise<void> {
  for (const [digest, bytes] of contents) if (bytes.length >= FILE_FROM_BYTES) await files.keep(digest, bytes);
}

/** Keeps those that are rows, inside of the transaction whose rows name them. */
export async function keepRows(trx: Kysely<Tables>, contents: Contents): Promise<void> {
  const rows = [...contents]
    .filter(([, bytes]) => bytes.length < FILE_FROM_BYTES)
    .map(([digest, content]) => ({ digest, content }))
    .toSorted((a, b) => (a.digest < b.digest ? -1 : 1)); // two writers of the same contents must not wait for each other
  if (rows.length === 0) return;
  await trx
    .insertInto('blob')
    .values(rows)
    .onConflict((same) => same.column('digest').doNothing())
    .execute();
}
