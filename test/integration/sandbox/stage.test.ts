/** The stage of a root launcher, filled by the real mount. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Mount } from '../../../src/sandbox/isolation/options.ts';
import { SANDBOX_UID } from '../../../src/sandbox/isolation/identity.ts';
import { STAGE } from '../../../src/sandbox/isolation/stage.ts';
import { createStaging, type Reached } from '../../../src/sandbox/isolation/staging.ts';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';
import { processes } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const STAGING = new URL('../../../src/sandbox/isolation/staging.ts', import.meta.url).href;

describe.runIf(IS_ROOT)(`the stage${ONLY_ROOT}`, () => {
  const folder = IS_ROOT ? mkdtempSync(join(tmpdir(), 'tack-stage-')) : '';
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  if (IS_ROOT) mkdirSync(STAGE, { recursive: true, mode: 0o755 });
  const bindOf = (host: string): Mount => ({ how: 'ro-bind', host, inside: '/' });
  const hostsOf = ({ mounts }: Reached) => mounts.map((mount) => ('host' in mount ? mount.host : ''));
  const inside = ({ words: [command = '', ...words] }: Reached, run: readonly string[]) =>
    execFileSync(command, [...words, ...run], { encoding: 'utf8' });

  it('holds sources of any name, and nothing of it is seen outside', async () => {
    const names = ['plain', 'with space', 'back\\slash', '#hash', 'tab\there', 'line\nbreak', 'é\u00a0ö', '\\040'];
    const isFile = (n: number) => n % 2 === 1;
    const hosts = names.map((name, n) => {
      const host = join(folder, name);
      if (!isFile(n)) mkdirSync(host);
      writeFileSync(isFile(n) ? host : join(host, 'file'), name);
      return host;
    });
    const reached = await createStaging({ roots: [], uid: SANDBOX_UID }).reach(hosts.map(bindOf));
    const seen = hostsOf(reached).map((place, n) => (isFile(n) ? place : `${place}/file`));
    const print = ['/bin/sh', '-c', 'for file do cat "$file"; printf "\\0"; done', 'print', ...seen];
    expect(inside(reached, print).split('\0').slice(0, -1)).toEqual(names);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(STAGE);
  });

  it('shows what came below a root later, and what took the place of a source', async () => {
    const root = join(folder, 'sessions');
    mkdirSync(join(root, '1'), { recursive: true });
    const tool = join(folder, 'tool');
    writeFileSync(tool, 'old');
    const staging = createStaging({ roots: [root, join(folder, 'not there')], uid: SANDBOX_UID });
    const mounts = [bindOf(join(root, '1')), bindOf(tool)];
    const [first, old] = hostsOf(await staging.reach(mounts));
    expect(first).toBe(`${STAGE}/0/1`);

    rmSync(join(root, '1'), { recursive: true });
    mkdirSync(join(root, '1'));
    writeFileSync(join(root, '1', 'file'), 'anew');
    rmSync(tool);
    writeFileSync(tool, 'new');
    const again = await staging.reach(mounts);
    const [same, other] = hostsOf(again);
    expect({ same: same === first, other: other !== old }).toEqual({ same: true, other: true });
    expect(inside(again, ['cat', `${same}/file`, other ?? ''])).toBe('anewnew');
  });

  it('is filled anew when what holds it open was killed', async () => {
    const file = join(folder, 'kept');
    writeFileSync(file, 'kept');
    const staging = createStaging({ roots: [], uid: SANDBOX_UID });
    const pidOf = ({ words }: Reached) => Number(/\d+/.exec(words[1] ?? '')?.[0]);
    const first = pidOf(await staging.reach([bindOf(file)]));
    process.kill(first, 'SIGKILL');
    const again = await until('another one', async () => {
      const reached = await staging.reach([bindOf(file)]);
      return pidOf(reached) === first ? undefined : reached;
    });
    expect(inside(again, ['cat', ...hostsOf(again)])).toBe('kept');
  });

  it('ends with the process that opened it, however that ends', async () => {
    const program = `
      const { createStaging } = await import(${JSON.stringify(STAGING)});
      const { words } = await createStaging({ roots: [], uid: 1 }).reach([]);
      console.log(words[1]);
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(/\d+/.exec(String(said))?.[0]);
    const isThere = () => processes().some((one) => one.pid === pid);
    expect(isThere()).toBe(true);
    child.kill('SIGKILL');
    await until('nothing holds it open', () => !isThere());
  });

  it('says which source it could not bind, and serves the others', async () => {
    const file = join(folder, 'good');
    writeFileSync(file, 'good');
    const staging = createStaging({ roots: [], uid: SANDBOX_UID });
    await expect(staging.reach([bindOf('/proc/self/fd/0/none')])).rejects.toThrow();
    const reached = await staging.reach([bindOf(file)]);
    expect(inside(reached, ['cat', ...hostsOf(reached)])).toBe('good');
  });
});
