/** What goes into the log is split: large fields are kept beside it under their digest, so that content can be deleted and the chain still verifies. */
import { canonicalJson, type Sha256 } from '../canonical.ts';
import { BLOB_FIELDS, isBlobRef, JSON_FIELDS, TEXT_FIELDS } from './blob-fields.ts';

type Data = Readonly<Record<string, unknown>>;

/** Texts to keep, by digest (SHA-256 of the UTF-8 bytes, hex). */
export type Texts = ReadonlyMap<string, string>;

/** Whether references that stand in an event already are its producer's own. What an agent said may look like one, and is content. */
export type Refs = 'own' | 'none';

/** `data` with references in place of large fields, and the texts they stand for. `expand` turns it back. */
export function takeOut(
  data: Data,
  { sha256, refs }: { readonly sha256: Sha256; readonly refs: Refs },
): { readonly data: Data; readonly texts: Texts } {
  const texts = new Map<string, string>();
  const fields = Object.entries(data).map(([field, value]) => {
    const text = textOf(field, value, refs);
    if (text === undefined) return [field, value];
    const digest = sha256(text);
    texts.set(digest, text);
    return [field, { $blob: digest, bytes: new TextEncoder().encode(text).length }];
  });
  return { data: Object.fromEntries(fields), texts };
}

const EXPANDED: readonly string[] = [...TEXT_FIELDS, ...JSON_FIELDS];

/** Undefined: it stays where it is. */
function textOf(field: string, value: unknown, refs: Refs): string | undefined {
  if (isBlobRef(value)) return refs === 'none' && EXPANDED.includes(field) ? canonicalJson(value) : undefined;
  if (!BLOB_FIELDS.includes(field) || value === undefined || value === null) return undefined;
  const isText = (TEXT_FIELDS as readonly string[]).includes(field);
  if (!isText) return canonicalJson(value);
  return typeof value === 'string' ? value : undefined;
}
