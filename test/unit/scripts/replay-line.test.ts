/** What `./tack test` says about the histories that its tests have made. */
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../scripts/replay-line.ts';

const CLEAN = { sessions: 3, histories: 5, diverged: [], unread: [] };

describe('the replay beside the tests', () => {
  it('counts sessions and histories, and leaves the run green when the code of now does what was recorded', () => {
    expect(linesOf(CLEAN)).toEqual({ lines: ['replay: 3 sessions, 5 histories, 0 divergences'], code: 0 });
  });

  it('names each divergence, and the run is red', () => {
    const diverged = ['event 7: recorded A, now B (tack replay --history f.json)'];
    expect(linesOf({ ...CLEAN, diverged })).toEqual({
      lines: [
        'replay: DIVERGED at event 7: recorded A, now B (tack replay --history f.json)',
        'replay: 3 sessions, 5 histories, 1 divergences',
      ],
      code: 1,
    });
  });

  it('says which engines it could not ask: a test had broken them', () => {
    const { lines, code } = linesOf({ ...CLEAN, unread: ['/tmp/x/temporal.db: The engine ended with 1.'] });
    expect([lines[0], code]).toEqual(['replay: not asked: /tmp/x/temporal.db: The engine ended with 1.', 0]);
  });

  it('is red when the process that replays has died', () => {
    expect(linesOf(null).code).toBe(1);
  });
});
