import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../../src/domain/events/new-event.ts';
import { stamp } from '../../../src/store/log/stamp.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const parts = { clock: () => Date.parse('2026-11-24T12:00:00.000Z'), random: (n: number) => new Uint8Array(n), sha256 };
const event = (n: number): NewEvent => ({
  type: 'agent.message',
  turn_id: null,
  actor: { type: 'system', id: 'tackroom' },
  via: null,
  data: { n },
});

describe('stamp', () => {
  it('goes on from the head, each event chained to the one before it', () => {
    const head = { seq: 41, hash: 'f'.repeat(64) };
    const [first, second] = stamp(parts, { log_id: 'ses_1', head }, [event(1), event(2)]);
    expect(first!.envelope).toMatchObject({ seq: 42, session_id: 'ses_1', prev_hash: head.hash, data: { n: 1 } });
    expect(first!.envelope.hash).toBe(sha256(head.hash + first!.body));
    expect(second!.envelope).toMatchObject({ seq: 43, prev_hash: first!.envelope.hash });
    expect(second!.envelope.hash).toBe(sha256(first!.envelope.hash + second!.body));
  });

  it('hashes the envelope without its hash', () => {
    const [stamped] = stamp(parts, { log_id: 'ses_1', head: { seq: 0, hash: 'a' } }, [event(1)]);
    const { hash: _, ...envelope } = stamped!.envelope;
    expect(JSON.parse(stamped!.body)).toEqual(envelope);
  });

  it('takes over nothing that the producer had no right to say', () => {
    const forged = {
      ...event(1),
      seq: 7,
      hash: 'x',
      prev_hash: 'y',
      created_at: '1999-01-01T00:00:00.000Z',
      run_id: 'r',
    };
    const [stamped] = stamp(parts, { log_id: 'ses_1', head: { seq: 0, hash: 'a' } }, [forged]);
    expect(stamped!.envelope).toMatchObject({
      seq: 1,
      prev_hash: 'a',
      created_at: '2026-11-24T12:00:00.000Z',
      run_id: null,
    });
  });
});
