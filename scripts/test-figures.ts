/** What the runs of vitest come to: figures, the tests that were skipped, and one last line. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Counted {
  readonly passed: number;
  /** Failed tests, and files that could not be loaded. */
  readonly failed: number;
  readonly skipped: readonly { readonly file: string; readonly title: string }[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** A report that is not there, and a run that failed without a failed test, are failures too. */
export function countOf(report: string, status: number | null): Counted {
  try {
    const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const broken = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    ).length;
    const skipped = testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter((test) => test.status !== 'passed' && test.status !== 'failed')
        .map(({ fullName }) => ({ file: name, title: fullName })),
    );
    const failed = numFailedTests + broken;
    return { passed, failed: failed === 0 && status !== 0 ? 1 : failed, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/** These a test may say in its title and be skipped: it is about root, or about a machine's kernel, or it needs a tool of developers. */
const MAY_SKIP =
  /\((not run: (these tests run as uid \d+, and this one needs root|root may read everything|there is no (shellcheck|strace|chromium) here|Yama [^)]*)|test:long: [^)]*)\)/;

/** In CI, a test that was skipped for want of a harness, a sandbox or a server, or without a word, has failed. */
export function outcomeOf(
  runs: readonly Counted[],
  { is_ci, root }: { readonly is_ci: boolean; readonly root: string },
): { readonly lines: readonly string[]; readonly code: number } {
  const sum = (pick: (run: Counted) => number) => runs.reduce((total, run) => total + pick(run), 0);
  const skipped = runs.flatMap((run) => run.skipped).map(({ file, title }) => ({ file: relative(root, file), title }));
  const missed = is_ci ? skipped.filter(({ title }) => !MAY_SKIP.test(title)) : [];
  const passed = sum((run) => run.passed);
  const failed = sum((run) => run.failed) + missed.length;
  const nothing = passed + failed === 0;
  return {
    lines: [
      ...skipped.map(
        (test) => `${missed.includes(test) ? 'skipped, so failed' : 'skipped'}: ${test.file} › ${test.title}`,
      ),
      `${passed} passed, ${nothing ? 1 : failed} failed`,
    ],
    code: failed > 0 || nothing ? 1 : 0,
  };
}
