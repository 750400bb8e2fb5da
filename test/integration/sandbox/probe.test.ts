import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { probe, SANDBOX_UID } from '../../../src/sandbox/index.ts';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';

describe('probe', () => {
  it('finds bubblewrap usable here, and says which limits it does not hold', () => {
    const found = probe({ drop_to: IS_ROOT ? SANDBOX_UID : undefined });
    expect(found).toMatchObject({ usable: true, version: expect.stringMatching(/^\d+\.\d+/) as string });
    expect(found.usable && found.not_enforced.length).toBeGreaterThan(0);
  });

  it('names the uid of the sandbox when somebody has it', () => {
    const found = probe({ drop_to: 1 });
    expect(found).toEqual({
      usable: false,
      reason: 'the uid 1 of the sandbox belongs to daemon',
      way_out: 'Choose another uid for the sandbox.',
    });
  });

  it.runIf(IS_ROOT)(`tells the one line that mends it where no user namespace is allowed${ONLY_ROOT}`, () => {
    // in a user namespace that may have no further one
    const program = `import { probe } from '${new URL('../../../src/sandbox/index.ts', import.meta.url).pathname}';
      console.log(JSON.stringify(probe({ drop_to: undefined })));`;
    const words = [
      '--user',
      '--map-root-user',
      'sh',
      '-c',
      'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"',
      'x',
    ];
    const node = [process.execPath, '--input-type=module-typescript', '-e', program];
    const done = spawnSync('unshare', [...words, ...node], { encoding: 'utf8' });
    expect(JSON.parse(done.stdout)).toMatchObject({
      usable: false,
      way_out: 'sudo sysctl user.max_user_namespaces=15000',
    });
  });
});
