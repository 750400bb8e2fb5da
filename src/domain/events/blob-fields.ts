/** Which fields of an event are kept as blobs, and how they come back. No zod here: workflow code uses it. */
import type { BlobRef } from '../content.ts';

type Data = Readonly<Record<string, unknown>>;

/** Stored as they are: text. */
export const TEXT_FIELDS = ['text', 'output', 'message'] as const;
/** Stored as JSON. */
export const JSON_FIELDS = ['content', 'input', 'preview'] as const;
/** Large values of these are put into blobs by the store; a reference that a producer puts there itself stays as it is. */
export const BLOB_FIELDS: readonly string[] = ['content', 'input', 'output', 'text', 'preview'];

const REF_SUFFIX = '_ref';

/** The reference under this name, whether the event is as stored or expanded. */
export function refIn(data: Data, field: string): BlobRef | undefined {
  const kept = data[`${field}${REF_SUFFIX}`] ?? data[field];
  return isBlobRef(kept) ? kept : undefined;
}

export function isBlobRef(value: unknown): value is BlobRef {
  return typeof value === 'object' && value !== null && typeof (value as BlobRef).$blob === 'string';
}

/** The references that must be loaded to expand this event. */
export function refsOf(data: Data): readonly BlobRef[] {
  return [...fieldsOf(data).map(([, ref]) => ref), ...(cardOf(data) ?? [])];
}

/** Every reference that stands anywhere in it: what an approval, a policy or an agent was is not shown with the event, and can be forged all the same. */
export function everyRefIn(data: Data): readonly BlobRef[] {
  const found: BlobRef[] = [];
  const todo: unknown[] = [data];
  while (todo.length > 0) {
    const value = todo.pop();
    if (isBlobRef(value)) found.push(value);
    else if (typeof value === 'object' && value !== null) todo.push(...Object.values(value));
  }
  return found;
}

/**
 * The event as it is read: each reference replaced by what it stands for, and kept beside it as `<field>_ref`. The card of an
 * approval is laid over it (title, name, input, rules with reasons …). `textOf` gives undefined for a deleted blob: its reference stays.
 */
export function expand(data: Data, textOf: (ref: BlobRef) => string | undefined): Data {
  const expanded: Record<string, unknown> = { ...data };
  for (const [field, ref] of fieldsOf(data)) {
    const text = textOf(ref);
    if (text === undefined) continue;
    expanded[field] = (TEXT_FIELDS as readonly string[]).includes(field) ? text : parsed(text);
    expanded[`${field}${REF_SUFFIX}`] = ref;
  }
  const [card] = cardOf(data) ?? [];
  const shown = card && parsed(textOf(card) ?? 'null');
  if (card && typeof shown === 'object' && shown !== null)
    expanded['approval'] = { ...(data['approval'] as Data), ...shown, [`card${REF_SUFFIX}`]: card, card: shown };
  return expanded;
}

const fieldsOf = (data: Data): readonly (readonly [string, BlobRef])[] =>
  [...TEXT_FIELDS, ...JSON_FIELDS].flatMap((field) => {
    const value = data[field];
    return isBlobRef(value) ? [[field, value] as const] : [];
  });

function cardOf(data: Data): readonly [BlobRef] | undefined {
  const card = (data['approval'] as Data | undefined)?.['card'];
  return isBlobRef(card) ? [card] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
