/** The blobs as their users see them. */
import type { Blobs } from '../../domain/ports/event-log.ts';
import { TackError } from '../../domain/errors.ts';
import type { Database } from '../database.ts';
import type { BlobFiles } from './files.ts';
import { digestOfBytes, FILE_FROM_BYTES, keepFiles, keepRows } from './keep.ts';
import { load, textOf } from './load.ts';

export function createBlobs({ db, files }: { readonly db: Database; readonly files: BlobFiles }): Blobs {
  const get: Blobs['get'] = async ({ $blob }) => {
    const fail = (): never => {
      throw new TackError('store_corrupt', `The content ${$blob} is not what its digest says.`);
    };
    const content = (await load({ read: db.read, files }, [{ $blob }], fail)).get($blob);
    if (content) return content;
    throw new TackError('store_unavailable', `The content ${$blob} was deleted, or never kept here.`);
  };

  return {
    async put(content) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const digest = digestOfBytes(bytes);
      const contents = new Map([[digest, bytes]]);
      if (bytes.length >= FILE_FROM_BYTES) await keepFiles(files, contents);
      else if (!(await isRow(db, digest))) await db.transact(`blob/${digest}`, (trx) => keepRows(trx, contents));
      return { $blob: digest, bytes: bytes.length };
    },
    get,
    text: async (ref) => textOf(await get(ref)),
  };
}

const isRow = async ({ read }: Database, digest: string): Promise<boolean> =>
  (await read.selectFrom('blob').select('digest').where('digest', '=', digest).executeTakeFirst()) !== undefined;
