/** Ids: what a thing is can be read off them, and the same parts give the same one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, derivedId, ID_PREFIXES, newId, type IdKind } from '../../../src/domain/ids.ts';
import { idSchema } from '../../../src/domain/id-schema.ts';
import { approvalId } from '../../../src/domain/session/approval-id.ts';
import { sha256 } from './policy/a-policy.ts';

const kind = fc.constantFrom(...(Object.keys(ID_PREFIXES) as IdKind[]));
const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

describe('an id', () => {
  it('begins with what it names, and fits its own schema alone', () => {
    fc.assert(
      fc.property(kind, fc.nat(2 ** 31), random, (met, now, chance) => {
        const id = newId(met, now, chance);
        expect(id).toMatch(new RegExp(`^${ID_PREFIXES[met]}_[0-9a-hjkmnp-tv-z]{26}$`));
        for (const other of Object.keys(ID_PREFIXES) as IdKind[])
          expect(idSchema(other).safeParse(id).success).toBe(other === met);
      }),
    );
  });
  it('sorts by time', () => {
    const time = fc.integer({ min: 0, max: 2 ** 47 });
    fc.assert(
      fc.property(time, time, random, random, (one, two, a, b) => {
        const [early, late] = [newId('event', Math.min(one, two), a), newId('event', Math.max(one, two), b)];
        if (one !== two) expect(early < late).toBe(true);
      }),
    );
  });
  it('differs where chance differs', () => {
    const [one, two] = [new Uint8Array(10), new Uint8Array(10).fill(255)];
    expect(newId('turn', 1, one)).not.toBe(newId('turn', 1, two));
  });
  it('of a digest is the same again, and another for another digest', () => {
    const [one, two] = [sha256('one'), sha256('two')];
    expect(derivedId('approval', one)).toBe(derivedId('approval', one));
    expect(derivedId('approval', one)).not.toBe(derivedId('approval', two));
  });
  it.each([
    '',
    'ses',
    'ses_',
    'ses_short',
    'ses_../../etc/passwd',
    'apr_00000000',
    `ses_${'a'.repeat(65)}`,
    'ses_0000 0000',
  ])('is not %j', (text) => {
    expect(idSchema('session').safeParse(text).success).toBe(false);
  });
});

describe('base32', () => {
  it.each([
    [[], ''],
    [[0], '00'],
    [[255], 'zw'],
    [[0, 0, 0, 0, 1], '00000001'],
    [[255, 255, 255, 255, 255], 'zzzzzzzz'],
    [[0x66, 0x6f, 0x6f], 'csqpy'],
  ])('of %j is %j', (bytes, text) => {
    expect(base32(Uint8Array.from(bytes))).toBe(text);
  });
});

describe('the id of an approval', () => {
  const parts = { turn_id: 'trn_1', digest: sha256('a'), ordinal: 0 };
  it('is the same on every attempt, and another for another turn, action or time of asking', () => {
    const ids = [
      parts,
      { ...parts, turn_id: 'trn_2' },
      { ...parts, digest: sha256('b') },
      { ...parts, ordinal: 1 },
    ].map((each) => approvalId(each, sha256));
    expect(approvalId({ ...parts }, sha256)).toBe(ids[0]);
    expect(new Set(ids).size).toBe(4);
  });
});
