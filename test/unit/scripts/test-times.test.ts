import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { timesOf } from '../../../scripts/test-times.ts';

const folder = mkdtempSync(join(tmpdir(), 'tack-times-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('tells how long each project took, and its slowest files; a run without a report has none', () => {
  const report = join(folder, 'report.json');
  const file = (name: string, seconds: number) => ({
    name: `/checkout/${name}`,
    startTime: 0,
    endTime: seconds * 1000,
  });
  writeFileSync(report, JSON.stringify({ testResults: [file('a', 1), file('b', 70.4)] }));
  const runs = [
    { what: 'unit', seconds: 72, report },
    { what: 'e2e', seconds: 0.2, report: join(folder, 'nothing.json') },
  ];
  expect(timesOf(runs, '/checkout')).toEqual(['took: unit 72 s · e2e 0 s', 'slowest: b 70 s · a 1 s']);
});
