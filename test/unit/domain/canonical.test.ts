/** One spelling for one value: the vectors of RFC 8785, and digests that stay what they are. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Action } from '../../../src/domain/action/schema.ts';
import { canonicalJson, digestOf } from '../../../src/domain/canonical.ts';
import { push, shell, write, WORK } from './policy/a-policy.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('canonical JSON', () => {
  it('spells numbers, texts and literals as RFC 8785 §3.2.2 does', () => {
    const value = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });
  it('spells half of a surrogate pair as every encoder does, and keeps words that only look like one', () => {
    expect(canonicalJson({ 'k\ud800': ['a\udc00b', '🦊', String.raw`\ud800`], n: 1 })).toBe(
      JSON.stringify({ 'k\ufffd': ['a\ufffdb', '🦊', String.raw`\ud800`], n: 1 }),
    );
  });
  it('sorts keys by UTF-16 code units, as §3.2.3 does', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(keys.map((key) => [`k${key}`, key])))));
    expect(sorted).toEqual(['k\r', 'k1', 'k\u0080', 'k\u00f6', 'k\u20ac', 'k\u{1f600}', 'k\ufb33']);
  });
  it('does not depend on the order in which a value was built, and loses nothing', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, turned(inner)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
  it('refuses what JSON cannot say', () => {
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => canonicalJson(value)).toThrow();
  });
});

describe('the digest of an action', () => {
  it.each([
    [shell('git push origin main'), '0ed6144a995d222df35891e740b501324101af68d907ef2fcf83b4e2b1a71d69'],
    [write(`${WORK}/src/a.ts`), '120f5c0203a144b7acf3730a99fecb6962844755154490166348e3cbc1738813'],
    [push('example.org'), '642d0ed30467b264bc821d1fef320de0c2db50cd68b3ac1ea6e5a7cd904147b3'],
  ] as const)('is the same on every host, in every release, and for any other program: %j', (action, digest) => {
    expect(digestOf(action, sha256)).toBe(digest);
    expect(digestOf(Action.parse(JSON.parse(JSON.stringify(action))), sha256)).toBe(digest);
  });
  it('covers every field of the action', () => {
    const files = [{ path: `${WORK}/Makefile`, blob: 'a' }];
    const digests = [
      shell('make', { files }),
      shell('make', { files: [{ path: `${WORK}/Makefile`, blob: 'b' }] }),
      shell('make', { files, cwd: '/tmp' }),
      shell('make', { files, background: true }),
      shell('make', { files, argv: ['make'] }),
      shell('make', { files, env: { CC: 'a'.repeat(64) } }),
      shell('make all', { files }),
    ].map((action) => digestOf(action, sha256));
    expect(new Set(digests).size).toBe(7);
  });
  it('is over the action alone: its schema knows no id of a call and no description', () => {
    for (const extra of ['tool_use_id', 'description', 'id'])
      expect(Action.safeParse({ ...shell('ls'), [extra]: 'x' }).success).toBe(false);
  });
});
