import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { STAGE } from '../../../src/sandbox/isolation/stage.ts';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';
import { stagedWords } from '../../support/staged.ts';

const CHECKOUT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
const SUITES = ['launch', 'walls', 'worktree', 'planting', 'lifeline', 'limits'] as const;

/** The suites ran as this user; where that is root, they run once more as one who is not. */
describe.runIf(IS_ROOT)(`the sandbox of an ordinary user, when root tests${ONLY_ROOT}`, () => {
  it('passes the same suites, with the checkout wherever it is', { timeout: 300_000 }, () => {
    const home = mkdtempSync(join(tmpdir(), 'tack-ordinary-'));
    chmodSync(home, 0o777);
    const run = [
      ...[
        `${STAGE}/1`,
        'node_modules/vitest/vitest.mjs',
        'run',
        '--configLoader',
        'native',
        '--project',
        'integration',
      ],
      ...['--no-file-parallelism', ...SUITES.map((name) => `test/integration/sandbox/${name}.test.ts`)],
    ];
    const words = [
      ...stagedWords([CHECKOUT, realpathSync(process.execPath)]),
      ...['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', '--no-new-privs'],
      ...['env', '-C', `${STAGE}/0`, ...run],
    ];
    const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: home, TMPDIR: home, CI: 'true' };
    try {
      const done = spawnSync(words[0] as string, words.slice(1), { encoding: 'utf8', env });
      expect(done.status, `${done.stdout}\n${done.stderr}`).toBe(0);
      expect(done.stdout).toMatch(/Test Files .*6 passed/);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
