/** Large content is kept beside the log: it can be deleted, and the chain still verifies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOB_FIELDS,
  expand,
  isBlobRef,
  refIn,
  refsOf,
  TEXT_FIELDS,
} from '../../../../src/domain/events/blob-fields.ts';
import { canonicalJson } from '../../../../src/domain/canonical.ts';
import { takeOut } from '../../../../src/domain/events/take-out.ts';
import { blob, sha256 } from '../session/a-session.ts';

const json = fc.jsonValue({ noUnicodeString: false });
const fields = fc.record(
  {
    content: json,
    input: json,
    preview: json,
    output: fc.string(),
    text: fc.string(),
    title: fc.string(),
    count: fc.nat(),
  },
  { requiredKeys: [] },
);
const OWN = { sha256, refs: 'own' } as const;
const withoutRefs = (data: object) =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !name.endsWith('_ref')));

describe('content', () => {
  it('taken out and put back is what it was', () => {
    fc.assert(
      fc.property(fields, (data) => {
        const { data: kept, texts } = takeOut(data, OWN);
        expect(withoutRefs(expand(kept, ({ $blob }) => texts.get($blob)))).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
  it('is named by the digest and the length of its bytes', () => {
    const { data, texts } = takeOut({ text: 'grün', input: { b: 1, a: 2 }, title: 'stays' }, OWN);
    expect(data).toEqual({
      text: { $blob: sha256('grün'), bytes: 5 },
      input: { $blob: sha256('{"a":2,"b":1}'), bytes: 13 },
      title: 'stays',
    });
    for (const [digest, text] of texts) expect(sha256(text)).toBe(digest);
  });
  it('is kept apart from the log for each of the fields that hold it, and for no other', () => {
    for (const field of [...BLOB_FIELDS, 'title', 'message']) {
      const { data } = takeOut({ [field]: 'words' }, OWN);
      expect([field, isBlobRef(data[field])]).toEqual([field, BLOB_FIELDS.includes(field)]);
    }
  });
  it('that only looks like a reference is content like any other, where nobody but an agent can have said it', () => {
    const said = { content: blob('kept'), input: { command: 'rm', ...blob('{}') }, message: blob('kept') };
    const { data, texts } = takeOut(said, { sha256, refs: 'none' });
    const back = withoutRefs(expand(data, ({ $blob }) => texts.get($blob)));
    expect(back).toEqual({ ...said, message: canonicalJson(said.message) });
    expect(takeOut(said, OWN).texts.size).toBe(0); // else it names what stands elsewhere
  });
  it('that a producer kept itself stays as it is', () => {
    const ref = blob('kept');
    const { data, texts } = takeOut({ content: ref, text: null, output: undefined }, OWN);
    expect(data).toEqual({ content: ref, text: null, output: undefined });
    expect(texts.size).toBe(0);
  });
  it('that was deleted leaves its reference', () => {
    const ref = blob('gone');
    expect(expand({ text: ref, content: ref }, () => undefined)).toEqual({ text: ref, content: ref });
  });
  it('is found again whether the event is as stored or expanded', () => {
    const ref = blob('words');
    for (const field of [...TEXT_FIELDS, 'content', 'input'] as const) {
      const expanded = expand({ [field]: ref }, () => '"words"');
      expect([refIn({ [field]: ref }, field), refIn(expanded, field)]).toEqual([ref, ref]);
      expect(refsOf(expanded)).toEqual([]);
    }
    expect(refIn({ text: 'plain' }, 'text')).toBeUndefined();
  });
  it('of an approval is its card: laid over it, and named among what must be loaded', () => {
    const card = blob('card');
    const data = { approval: { id: 'apr_1', rules: ['a'], card } };
    expect(refsOf(data)).toEqual([card]);
    const shown = expand(data, () => '{"title":"git push","rules":[{"name":"a","reason":"It leaves."}]}');
    expect(shown['approval']).toMatchObject({ id: 'apr_1', title: 'git push', rules: [{ name: 'a' }], card_ref: card });
  });
});
