/** The last line of `./tack test` is true: nothing that did not pass counts as passed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countOf, outcomeOf, type Counted } from '../../../scripts/test-figures.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tack-figures-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function reported(...files: readonly (readonly [name: string, ...tests: readonly string[]])[]): string {
  const testResults = files.map(([name, ...tests]) => ({
    name,
    status: tests.length === 0 || tests.includes('failed') ? 'failed' : 'passed',
    assertionResults: tests.map((status, n) => ({ status, fullName: `test ${n}` })),
  }));
  const count = (wanted: string) => files.flatMap(([, ...tests]) => tests).filter((status) => status === wanted).length;
  const report = { numPassedTests: count('passed'), numFailedTests: count('failed'), testResults };
  writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
  return join(folder, 'report.json');
}
const last = (counted: readonly Counted[], is_ci = false) => {
  const { lines, code } = outcomeOf(counted, { is_ci, root: '/checkout' });
  return [lines.at(-1), code];
};

describe('the figures of a run', () => {
  it('are those of its tests', () => {
    expect(countOf(reported(['a', 'passed', 'failed', 'skipped']), 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: [{ file: 'a', title: 'test 2' }],
    });
  });

  it('count a file that could not be loaded, a run that failed otherwise, and a report that is missing', () => {
    expect(countOf(reported(['a', 'passed'], ['b']), 1)).toMatchObject({ passed: 1, failed: 1 });
    expect(countOf(reported(['a', 'passed']), 1)).toMatchObject({ passed: 1, failed: 1 });
    expect(countOf(reported(['a', 'passed']), null)).toMatchObject({ passed: 1, failed: 1 });
    expect(countOf(join(folder, 'nothing'), 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('the last line', () => {
  const passed: Counted = { passed: 2, failed: 0, skipped: [] };
  const skips = (file: string, title = 't'): Counted => ({
    passed: 1,
    failed: 0,
    skipped: [{ file: `/checkout/${file}`, title }],
  });

  it('sums the projects, and the exit code says the same', () => {
    expect(last([passed, passed])).toEqual(['4 passed, 0 failed', 0]);
    expect(last([passed, { passed: 0, failed: 3, skipped: [] }])).toEqual(['2 passed, 3 failed', 1]);
  });

  it('takes a run without any test for a failure', () => {
    expect(last([{ passed: 0, failed: 0, skipped: [] }])).toEqual(['0 passed, 1 failed', 1]);
  });

  it('counts a skipped test as failed in CI, unless its title says that it is about who runs it', () => {
    const walls = [skips('test/integration/sandbox/walls.test.ts')];
    expect([last(walls), last(walls, true)]).toEqual([
      ['1 passed, 0 failed', 0],
      ['1 passed, 1 failed', 1],
    ]);
    for (const why of ['these tests run as uid 1000, and this one needs root', 'there is no strace here'])
      expect(last([skips('a.test.ts', `t (not run: ${why})`)], true)).toEqual(['1 passed, 0 failed', 0]);
    expect(last([skips('a.test.ts', 't (not run: there is no claude here)')], true)).toEqual(['1 passed, 1 failed', 1]);
    expect(outcomeOf(walls, { is_ci: true, root: '/checkout' }).lines[0]).toBe(
      'skipped, so failed: test/integration/sandbox/walls.test.ts › t',
    );
  });
});
