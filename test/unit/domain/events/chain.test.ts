/** The hash chain: nobody changes, drops, adds or moves an event unseen. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf, genesisOf, hashOf } from '../../../../src/domain/events/chain.ts';
import { Envelope } from '../../../../src/domain/events/envelope.ts';
import * as say from '../session/a-session.ts';
import { aStory, SESSION, stamped } from './a-log.ts';

/** Verifies by the words of the contract alone: sha256(prev_hash ‖ JSON with sorted keys). */
function breaksAt(log: readonly Envelope[]): number | null {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  let before = createHash('sha256').update(`tackroom/1/${SESSION}`).digest('hex');
  for (const { hash, ...rest } of log) {
    const expected = createHash('sha256')
      .update(before + JSON.stringify(sorted(rest)))
      .digest('hex');
    if (hash !== expected || rest.prev_hash !== before) return rest.seq;
    before = hash;
  }
  return null;
}

describe('the chain of a log', () => {
  it('is what the contract says: another program verifies it', () => {
    fc.assert(
      fc.property(aStory, ({ log }) => {
        expect(breaksAt(stamped(log))).toBeNull();
      }),
    );
  });
  it('begins with the log it belongs to', () => {
    expect(genesisOf('ses_1', say.sha256)).toBe(say.sha256('tackroom/1/ses_1'));
    expect(genesisOf('ses_1', say.sha256)).not.toBe(genesisOf('ses_2', say.sha256));
  });
  it('breaks where an event is changed, dropped, doubled or moved', () => {
    const story = aStory.filter(({ log }) => log.length > 3);
    const forge = fc.constantFrom<(log: Envelope[], at: number) => Envelope[]>(
      (log, at) => log.map((event, n) => (n === at ? { ...event, data: { ...event.data, forged: true } } : event)),
      (log, at) => log.map((event, n) => (n === at ? { ...event, actor: say.BEN, via: 'mcp' as never } : event)),
      (log, at) => log.map((event, n) => (n === at ? { ...event, created_at: say.at(9_999) } : event)),
      (log, at) => log.toSpliced(at, 1),
      (log, at) => log.toSpliced(at, 0, log[at]!),
      (log, at) => log.toSpliced(at, 2, log[at + 1]!, log[at]!),
    );
    fc.assert(
      fc.property(story, forge, fc.nat(), ({ log }, change, chance) => {
        const whole = [...stamped(log)];
        const at = chance % (whole.length - 2);
        expect(breaksAt(change(whole, at))).not.toBeNull();
      }),
    );
  });
  it('does not depend on how an event was put together', () => {
    const [event] = stamped(say.aSession().log);
    const { hash, ...rest } = event!;
    const turned = Object.fromEntries(Object.entries(rest).toReversed()) as typeof rest;
    expect(hashOf(rest.prev_hash, bodyOf(turned), say.sha256)).toBe(hash);
  });
  it('is over envelopes that its schema knows', () => {
    fc.assert(
      fc.property(aStory, ({ log }) => {
        for (const event of stamped(log)) expect(Envelope.parse(event)).toEqual(event);
      }),
      { numRuns: 20 },
    );
  });
});
