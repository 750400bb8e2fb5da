import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitSettings } from '../../../src/sandbox/isolation/environment.ts';
import { ownHardLimits, ulimitWords } from '../../../src/sandbox/isolation/limits.ts';
import { bubblewrapOptions, emptyFiles, folderMounts, type Layout } from '../../../src/sandbox/isolation/options.ts';
import { faultsOf } from '../../../src/sandbox/isolation/prelude.ts';
import { STAGE, stageMounts } from '../../../src/sandbox/isolation/stage.ts';
import { findToolchain } from '../../../src/sandbox/isolation/toolchain.ts';

const aLayout = (more: Partial<Layout> = {}): Layout => ({
  system: { roots: { bin: 'usr/bin', lib64: null }, etc: ['profile'] },
  mounts: [],
  env: {},
  cwd: '/home/agent/work',
  tmp_bytes: 1_000,
  ...more,
});

describe('bubblewrapOptions', () => {
  const words = (layout: Layout): string => bubblewrapOptions(layout).join(' ');

  it('shares no namespace, holds no right and starts from an empty environment', () => {
    const all = words(aLayout());
    for (const name of ['user', 'ipc', 'pid', 'net', 'uts']) expect(all).toContain(`--unshare-${name} `);
    expect(all).toContain('--disable-userns --die-with-parent --new-session --cap-drop ALL --clearenv');
  });

  it('binds /usr, follows the host in what is a symlink, and makes the root read-only in the end', () => {
    const all = words(aLayout());
    expect(all).toContain('--ro-bind /usr /usr --symlink usr/bin /bin --ro-bind /lib64 /lib64');
    expect(all).toMatch(/--remount-ro \/dev --remount-ro \/run --remount-ro \/ --chdir \/home\/agent\/work$/);
  });

  it('keeps the order of mounts, and gives each empty file a descriptor of its own', () => {
    const mounts = [
      { how: 'bind', host: '/a', inside: '/x' },
      { how: 'empty-file', inside: '/x/one' },
      { how: 'empty-folder', inside: '/x/two' },
      { how: 'empty-file', inside: '/x/three' },
    ] as const;
    const all = words(aLayout({ mounts }));
    expect(all).toContain('--bind /a /x --perms 0444 --ro-bind-data 9 /x/one');
    expect(all).toContain('--tmpfs /x/two --remount-ro /x/two --perms 0444 --ro-bind-data 10 /x/three');
    expect(emptyFiles(mounts)).toBe(2);
  });

  it('sets the environment of the request word by word', () => {
    expect(bubblewrapOptions(aLayout({ env: { A: 'b c' } })).join('|')).toContain('|--setenv|A|b c|');
  });

  it('binds home below work, and a scratch home where none is given', () => {
    expect(folderMounts({ work: '/s/work' }).map(({ how, inside }) => `${how} ${inside}`)).toEqual([
      'scratch /home/agent',
      'bind /home/agent/work',
      'scratch /home/agent/out',
    ]);
  });
});

describe('faultsOf', () => {
  const sound = ' CapEff:0000000000000000 NoNewPrivs:1 Seccomp:2';

  it('finds none when every wall stands', () => {
    expect(faultsOf(sound)).toEqual([]);
  });

  it.each([
    ['a right', ' CapEff:0000000000000001 NoNewPrivs:1 Seccomp:2', 'expected CapEff:0000000000000000'],
    ['no filter', ' CapEff:0000000000000000 NoNewPrivs:1 Seccomp:0', 'expected Seccomp:2'],
    ['a network', `${sound} net:eth0:`, 'saw net:eth0:'],
    ['a place that can be written', `${sound} writable:/usr`, 'saw writable:/usr'],
    ['an inherited descriptor', `${sound} fd:20`, 'saw fd:20'],
    ['refused limits', ` limits:refused${sound}`, 'saw limits:refused'],
    ['nothing at all', '', 'expected NoNewPrivs:1'],
  ])('finds %s', (_, report, fault) => {
    expect(faultsOf(report)).toContain(fault);
  });
});

describe('the stage of a root launcher', () => {
  const look = (host: string) => ({ type: host === '/root/node' ? ('file' as const) : ('folder' as const), id: host });
  const mayEnter = () => true;
  const workOf = (host: string) => ({ how: 'bind', host, inside: '/home/agent/work' }) as const;
  const hostsOf = ({ mounts }: ReturnType<typeof stageMounts>) =>
    mounts.map((mount) => ('host' in mount ? mount.host : mount.how));

  it('binds each source once, reaches what is below one through it, and leaves the inside as it is', () => {
    const mounts = [
      { how: 'bind', host: '/root/s/work', inside: '/home/agent/work' },
      { how: 'ro-bind', host: '/root/s/work/.git/config', inside: '/home/agent/work/.git/config' },
      { how: 'ro-bind', host: '/root/node', inside: '/opt/node' },
      { how: 'empty-file', inside: '/home/agent/work/.mcp.json' },
    ] as const;
    const plan = stageMounts(mounts, { bound: [], roots: [], look, mayEnter });
    expect(plan.missing).toEqual([
      { type: 'folder', id: '/root/s/work', host: '/root/s/work', staged: `${STAGE}/0` },
      { type: 'file', id: '/root/node', host: '/root/node', staged: `${STAGE}/1` },
    ]);
    expect(hostsOf(plan)).toEqual([`${STAGE}/0`, `${STAGE}/0/.git/config`, `${STAGE}/1`, 'empty-file']);
    expect(stageMounts(mounts, { bound: plan.missing, roots: [], look, mayEnter })).toEqual({ ...plan, missing: [] });
  });

  it('binds a root whole, once for all sessions below it', () => {
    const options = { bound: [], roots: ['/data/sessions'], look, mayEnter };
    const plan = stageMounts([workOf('/data/sessions/1/work'), workOf('/data/sessions/2/work')], options);
    expect(plan.missing.map(({ host }) => host)).toEqual(['/data/sessions']);
    expect(hostsOf(plan)).toEqual([`${STAGE}/0/1/work`, `${STAGE}/0/2/work`]);
  });

  it('binds alone what lies below a folder that lets nobody pass', () => {
    const options = { bound: [], roots: ['/data/e'], look, mayEnter: (folder: string) => folder !== '/data/e/closed' };
    const plan = stageMounts([workOf('/data/e/open/1'), workOf('/data/e/closed/1')], options);
    expect(hostsOf(plan)).toEqual([`${STAGE}/0/open/1`, `${STAGE}/1`]);
  });

  it('binds a source anew when another one took its name', () => {
    const bound = [{ type: 'file', id: 'the old one', host: '/root/node', staged: `${STAGE}/0` }] as const;
    const plan = stageMounts([workOf('/root/node')], { bound, roots: [], look, mayEnter });
    expect(hostsOf(plan)).toEqual([`${STAGE}/1`]);
  });

  it('does not take a name that only begins alike for a folder above', () => {
    const mounts = [
      { how: 'bind', host: '/s/work', inside: '/a' },
      { how: 'bind', host: '/s/work2', inside: '/b' },
    ] as const;
    expect(stageMounts(mounts, { bound: [], roots: ['/s/wo'], look, mayEnter }).missing.length).toBe(2);
  });
});

describe('limits', () => {
  const none = { memory_bytes: Infinity, processes: Infinity, disk_bytes: Infinity, open_files: Infinity };

  it('are those of the request before the default ones, never above what the launcher has itself', () => {
    expect(ulimitWords({ memory_bytes: 1_024_000, processes: 60, cpu_s: 9 }, none)).toBe(
      'ulimit -c 0 -u 60 -d 1953125 -f 19531250 -n 8192 -t 9',
    );
    expect(ulimitWords({}, { ...none, open_files: 1_024, processes: 500 })).toMatch(/-u 500 .* -n 1024$/);
  });

  it('are read from the table of the kernel', () => {
    const text =
      'Limit  Soft  Hard  Units\nMax processes   100   200   processes\nMax file size  unlimited  unlimited  bytes\n';
    expect(ownHardLimits(text)).toEqual({
      memory_bytes: Infinity,
      processes: 200,
      disk_bytes: Infinity,
      open_files: Infinity,
    });
    expect(ownHardLimits().open_files).toBeGreaterThan(0);
  });
});

describe('gitSettings', () => {
  it('counts and numbers the settings as git reads them', () => {
    expect(gitSettings({ 'user.name': 'A', 'gc.auto': '0' })).toEqual({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'user.name',
      GIT_CONFIG_VALUE_0: 'A',
      GIT_CONFIG_KEY_1: 'gc.auto',
      GIT_CONFIG_VALUE_1: '0',
    });
  });
});

describe('findToolchain', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'tack-toolchain-')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const aNode = (name: string, { npm }: { npm: boolean }): string => {
    const prefix = join(folder, name);
    mkdirSync(join(prefix, 'bin'), { recursive: true });
    writeFileSync(join(prefix, 'bin/node'), '');
    if (npm) mkdirSync(join(prefix, 'lib/node_modules/npm'), { recursive: true });
    return prefix;
  };

  it("binds the person's Node with its npm, and the one that runs us at its own place", () => {
    const [own, persons] = [aNode('own', { npm: false }), aNode('v20', { npm: true })];
    const exec_path = join(own, 'bin/node');
    const found = findToolchain({ path: `${own}/bin:${persons}/bin:/usr/bin`, exec_path });
    expect(found.binds).toEqual([
      { host: join(persons, 'bin'), inside: '/opt/node/bin' },
      { host: join(persons, 'lib/node_modules'), inside: '/opt/node/lib/node_modules' },
      { host: exec_path, inside: '/opt/tackroom/bin/node' },
    ]);
    expect(found.path).toMatch(/^\/opt\/node\/bin:\/usr\/local\/bin:.*:\/opt\/tackroom\/bin$/);
  });

  it('follows the symlinks of a version manager', () => {
    const persons = aNode('versions/v20', { npm: true });
    mkdirSync(join(folder, 'current'));
    symlinkSync(join(persons, 'bin'), join(folder, 'current/bin'));
    const own = aNode('own', { npm: false });
    const found = findToolchain({ path: `${folder}/current/bin`, exec_path: join(own, 'bin/node') });
    expect(found.binds[0]).toEqual({ host: join(persons, 'bin'), inside: '/opt/node/bin' });
  });

  it('shows nothing else of a prefix that holds what is the person’s own', () => {
    const local = aNode('home/.local', { npm: true });
    mkdirSync(join(local, 'share/keyrings'), { recursive: true });
    const { binds } = findToolchain({
      path: `${local}/bin`,
      exec_path: join(aNode('own', { npm: false }), 'bin/node'),
    });
    const isSeen = (path: string) => binds.some(({ host }) => path === host || path.startsWith(`${host}/`));
    expect(
      ['share/keyrings', 'state', 'bin/node', 'lib/node_modules/npm'].map((name) => isSeen(join(local, name))),
    ).toEqual([false, false, true, true]);
  });

  it('binds no second Node when the one on the PATH comes with /usr, or is no real Node', () => {
    const own = aNode('own', { npm: false });
    mkdirSync(join(folder, 'shims'));
    writeFileSync(join(folder, 'shims/node'), '');
    for (const path of ['/usr/bin', `${folder}/shims`, '']) {
      expect(findToolchain({ path, exec_path: join(own, 'bin/node') }).binds.length).toBe(1);
    }
  });
});
