/** Content found again by its reference. */
import type { Kysely } from 'kysely';
import type { BlobRef } from '../../domain/content.ts';
import type { Tables } from '../tables.ts';
import type { BlobFiles } from './files.ts';
import { digestOfBytes, FILE_FROM_BYTES, type Contents } from './keep.ts';

/** Digests of one query. */
const CHUNK = 500;

type Ref = Pick<BlobRef, '$blob'> & Partial<BlobRef>;

/** What is there; what was deleted is missing. Each is checked to be what its digest says: `unlike` hears of one that is not, and it is missing too. */
export async function load(
  { read, files }: { readonly read: Kysely<Tables>; readonly files: BlobFiles },
  refs: readonly Ref[],
  unlike: (digest: string) => void = () => {},
): Promise<Contents> {
  const found = new Map<string, Uint8Array>();
  const sizes = new Map(refs.map(({ $blob, bytes }) => [$blob, bytes]));
  const take = (digest: string, content: Uint8Array): void => {
    if (digestOfBytes(content) === digest) found.set(digest, content);
    else unlike(digest);
  };
  const rows = [...sizes]
    .filter(([, bytes]) => bytes === undefined || bytes < FILE_FROM_BYTES)
    .map(([digest]) => digest);
  for (let at = 0; at < rows.length; at += CHUNK) {
    const some = rows.slice(at, at + CHUNK);
    for (const { digest, content } of await read.selectFrom('blob').selectAll().where('digest', 'in', some).execute())
      take(digest, content);
  }
  for (const [digest, bytes] of sizes) {
    if (found.has(digest) || (bytes !== undefined && bytes < FILE_FROM_BYTES)) continue;
    const content = await files.find(digest);
    if (content) take(digest, content);
  }
  return found;
}

/** A byte order mark is content, too. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** As `expand` asks for it. */
export const textIn =
  (contents: Contents) =>
  ({ $blob }: Ref): string | undefined => {
    const bytes = contents.get($blob);
    return bytes && textOf(bytes);
  };
