/** The package as people install it: packed, put elsewhere by npm, and started there. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalBin } from '../support/engine.ts';
import { processesNaming } from '../support/processes.ts';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const base = realpathSync(mkdtempSync(join(tmpdir(), 'tack package ')));
const bin = join(base, 'prefix', 'bin');
const env = {
  PATH: process.env['PATH'],
  HOME: join(base, 'home'),
  TACK_TEMPORAL_BIN: temporalBin(),
  NO_COLOR: '1',
};

async function run(
  command: string,
  args: readonly string[],
  { cwd = base, uid = process.getuid?.() ?? 0, ...own }: { cwd?: string; uid?: number; TACK_HOME?: string } = {},
) {
  const child = spawn(command, [...args], { cwd, env: { ...env, ...own }, uid, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: out.join(''), stderr: err.join('') };
}

beforeAll(async () => {
  chmodSync(base, 0o755);
  for (const folder of ['packed', 'prefix', 'home']) mkdirSync(join(base, folder));
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const npm = promisify(execFile);
  await npm('npm', ['pack', '--pack-destination', join(base, 'packed'), ...quiet], { cwd: ROOT, maxBuffer: 1e8 });
  const [tarball = ''] = readdirSync(join(base, 'packed'));
  await npm(
    'npm',
    ['install', '-g', '--prefix', join(base, 'prefix'), '--prefer-offline', ...quiet, join(base, 'packed', tarball)],
    { cwd: base },
  );
}, 180_000);

afterAll(async () => {
  await until('no process of the package', () => processesNaming(base).length === 0, 20_000);
  rmSync(base, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds what runs and no source, test or map, and says its version by both names', async () => {
    const installed = join(base, 'prefix', 'lib', 'node_modules', 'tackroom');
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !/^(node_modules|\.tack)\b/.test(path),
    );
    const top = files.filter((path) => !path.includes('/')).toSorted((one, other) => one.localeCompare(other));
    expect(top).toEqual(['agents', 'dist', 'docs', 'LICENSE', 'package.json', 'README.md', 'tack']);
    expect(files.filter((path) => /\.(ts|map)$|\btest\b/.test(path))).toEqual([]);
    const first = await run(join(bin, 'tackroom'), ['--version']);
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
    expect(await run(join(bin, 'tack'), ['--version'])).toEqual({ ...first, stderr: '' });
  });

  it('explains each command', async () => {
    const { stdout } = await run(join(bin, 'tackroom'), ['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => String(name));
    expect(commands).toContain('run');
    for (const name of commands) {
      const { code, stdout: help } = await run(join(bin, 'tackroom'), [name, '--help']);
      expect([name, code, help.includes('Examples')]).toEqual([name, 0, true]);
    }
  });

  it.each(
    [
      ['who installed it', undefined],
      ['who may only read it', NOBODY],
    ].slice(0, isRoot ? 2 : 1) as [string, number | undefined][],
  )('starts and stops its roles for the person %s', async (_who, uid) => {
    const TACK_HOME = join(base, `data of ${uid ?? 'me'}`);
    mkdirSync(TACK_HOME, { mode: 0o711 });
    if (uid !== undefined) chownSync(TACK_HOME, uid, uid);
    const tack = (...args: readonly string[]) =>
      run(join(bin, 'tackroom'), args, { TACK_HOME, ...(uid !== undefined && { uid }) });
    const up = await tack('up');
    expect([up.code, up.stderr]).toEqual([0, expect.not.stringContaining('missing')]);
    const { roles } = JSON.parse((await tack('status', '--json')).stdout) as {
      roles: { role: string; state: string }[];
    };
    expect(roles.map(({ role, state }) => `${role} ${state}`)).toEqual([
      'engine ready',
      'broker ready',
      'server ready',
      'worker ready',
    ]);
    expect(JSON.parse((await tack('ls', '--json')).stdout)).toMatchObject({ data: [] });
    expect((await tack('down')).code).toBe(0);
    await until('its end', () => processesNaming(TACK_HOME).length === 0, 20_000);
  });

  it('shows the main job: an approval, a killed worker, the work applied', async () => {
    const TACK_HOME = join(base, 'data of the demo');
    const { code, stdout, stderr } = await run(join(bin, 'tackroom'), ['demo'], { TACK_HOME });
    const told = stdout + stderr;
    expect([code, told]).toEqual([
      0,
      expect.stringMatching(/kill -9 \d+[^]*apr_\w+ still waits[^]*tack apply ses_\w+/),
    ]);
    await until('its end', () => processesNaming(TACK_HOME).length === 0, 20_000);
  });

  it('leaves nothing in the HOME of its user', () => {
    expect(readdirSync(env.HOME)).toEqual([]);
  });
});
