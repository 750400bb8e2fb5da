/** The judges of the soak: each notices what it is there for, and passes what is well. */
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import { createChance } from '../../long/soak/chance.ts';
import { judge } from '../../long/soak/faults.ts';
import { plotOf } from '../../long/soak/plot.ts';
import { slopesOf, type Sample } from '../../long/soak/slopes.ts';

const role = (pid: number, rss_mb: number, fds = 30) => ({ pid, rss_mb, pss_mb: rss_mb, fds, threads: 10 });
/** 40 minutes, a sample each 15 s; the worker is what `worker` says. */
const samplesOf = (worker: (t_s: number) => ReturnType<typeof role>, more: Partial<Sample> = {}): readonly Sample[] =>
  Array.from({ length: 160 }, (_, n) => ({
    t_s: n * 15,
    done: n,
    roles: { worker: worker(n * 15), server: role(7, 140 + (n % 5)) },
    group: 6,
    sandboxed: n % 4,
    strays: [],
    zombies: 0,
    temp: [],
    sockets: 5,
    mounts: 23,
    ...more,
  }));
const rising = (samples: readonly Sample[]) =>
  slopesOf(samples)
    .filter(({ is_flat }) => !is_flat)
    .map(({ role: who, what }) => `${who}: ${what}`);

describe('the slopes of a soak', () => {
  it('are flat when what is held comes and goes, and starts anew with a new process', () => {
    expect(rising(samplesOf((t_s) => role(t_s < 1200 ? 1 : 2, 200 + (t_s % 90) / 3)))).toEqual([]);
  });

  it('show a role that keeps 100 KB of each of a thousand sessions an hour', () => {
    expect(rising(samplesOf((t_s) => role(1, 200 + (t_s % 90) / 3 + (t_s / 3600) * 100)))).toEqual([
      'worker: memory (MB)',
    ]);
  });

  it('show descriptors that are kept, also below the noise of what is in flight', () => {
    expect(rising(samplesOf((t_s) => role(1, 200, 30 + (t_s % 60) / 4 + t_s / 120)))).toEqual(['worker: descriptors']);
  });

  it('show that each beginning holds more than the one before', () => {
    const each_300_s = (t_s: number) => Math.floor(t_s / 300);
    expect(rising(samplesOf((t_s) => role(10 + each_300_s(t_s), 150 + each_300_s(t_s) * 8)))).toEqual([
      'worker: memory at 30 to 90 s of age, over 8 lives (MB)',
    ]);
  });

  it('show temporary files that stay', () => {
    const samples = samplesOf(() => role(1, 200)).map((sample, n) => ({
      ...sample,
      temp: Array.from({ length: Math.floor(n / 40) }, (_, at) => `tack-${at}`),
    }));
    expect(rising(samples)).toEqual(['all: temp']);
  });

  it('are drawn, each life as a line of its own', () => {
    const svg = plotOf(
      samplesOf((t_s) => role(t_s < 1200 ? 1 : 2, 200)),
      [{ t_s: 1200, victim: 'worker', back_ms: 9 }],
    );
    expect(svg).toContain('worker (1)');
    expect(svg.match(/<polyline/g)?.length).toBeGreaterThan(10);
    expect(svg).not.toContain('NaN');
  });
});

const event = (type: string, data: Envelope['data'] = {}, at = '2026-11-25T00:00:01.000Z') =>
  ({ type, turn_id: 'trn_1', created_at: at, data }) as unknown as Envelope;
const log = (...events: readonly Envelope[]) => events.map((one, n) => ({ ...one, seq: n + 1 }));
const CALL = [
  event('agent.tool_use', { tool_use_id: 'c1', input: { script: 'echo aa11 >> effects.txt' } }),
  event('agent.tool_result', { tool_use_id: 'c1', is_error: false }),
];
const PLAYED = { session_id: 'ses_1', turns: { trn_1: ['turn.completed'] }, marks: ['aa11'] };
const WHOLE = log(event('turn.started'), ...CALL, event('turn.completed'));
const faults = (over: Partial<Parameters<typeof judge>[1]>, played: Parameters<typeof judge>[0] = PLAYED) =>
  judge(played, { log: WHOLE, effects: ['aa11'], requests: [], ...over }).faults;

describe('the judge of one session', () => {
  it('passes one end, and one effect for a call with a result', () => {
    expect(judge(PLAYED, { log: WHOLE, effects: ['aa11'], requests: [] })).toEqual({ faults: [], cut_off: 0 });
  });

  it('finds an effect that came twice, never, or although it was refused', () => {
    expect(faults({ effects: ['aa11', 'aa11'] })).toEqual(['ses_1: aa11 ran 2 times']);
    expect(faults({ effects: [] })).toEqual(['ses_1: aa11 has a result and never ran']);
    expect(faults({ effects: ['aa11', 'bb22'] }, { ...PLAYED, never: ['bb22'] })).toEqual([
      'ses_1: bb22 was refused and ran',
    ]);
  });

  it('finds a turn without an end, with two, and with another than it may have', () => {
    expect(faults({ log: log(event('turn.started'), ...CALL) })).toEqual(['ses_1: trn_1 has 0 ends']);
    expect(faults({ log: log(...WHOLE, event('turn.completed')) })).toEqual(['ses_1: trn_1 has 2 ends']);
    expect(faults({ log: log(event('turn.started'), ...CALL, event('turn.failed')) })).toEqual([
      'ses_1: trn_1 ended as turn.failed: {}',
    ]);
  });

  it('finds a hole in the log, and a model that is asked after the end', () => {
    expect(faults({ log: WHOLE.map((one, n) => (n === 3 ? { ...one, seq: 9 } : one)) })).toEqual([
      'ses_1: event 4 has seq 9',
    ]);
    const requests = [{ at: '2026-11-25T00:00:09.000Z' }] as never;
    expect(faults({ requests }, { ...PLAYED, run: 'r' })).toEqual(['ses_1: the model was asked 1 times after the end']);
  });

  it('counts a call that was cut off: it may have run once, and is no fault', () => {
    const cut = log(event('turn.started'), CALL[0]!, event('turn.completed'));
    expect(judge(PLAYED, { log: cut, effects: ['aa11'], requests: [] })).toEqual({ faults: [], cut_off: 1 });
  });
});

describe('chance', () => {
  it('is the same for the same seed, and keeps to the weights', () => {
    const picks = (seed: number) => {
      const chance = createChance(seed);
      return Array.from({ length: 2_000 }, () => chance.pick({ often: 3, seldom: 1 }));
    };
    expect(picks(1)).toEqual(picks(1));
    expect(picks(1)).not.toEqual(picks(2));
    expect(picks(1).filter((one) => one === 'often').length / 2_000).toBeCloseTo(0.75, 1);
  });
});
