import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Architecture } from './seccomp/syscalls.ts';

/** Whether this machine can hold a session, and what a person does when it cannot. */
export type Probe =
  | { readonly usable: true; readonly version: string; readonly not_enforced: readonly string[] }
  | { readonly usable: false; readonly reason: string; readonly way_out: string };

/** What the limits here cannot hold: said wherever the sandbox is shown. */
const NOT_ENFORCED = ['share of the CPU'] as const;

const TOOLS = ['setpriv', 'unshare', 'mount'] as const;
const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** Looks whether bubblewrap works here, by running it. `drop_to` is the uid of a root launcher's sandboxes. */
export function probe({ drop_to }: { drop_to: number | undefined }): Probe {
  if (process.platform !== 'linux') return no(`bubblewrap needs Linux, this is ${process.platform}`, NONE);
  if (architecture() === undefined) return no(`no seccomp filter for ${process.arch} yet`, NONE);
  if (!existsSync('/usr/bin/bash')) return no('bash is missing at /usr/bin/bash', 'apt-get install bash');
  const tool = TOOLS.find((name) => !run([name, '--version']).ok);
  if (tool) return no(`${tool} is missing`, 'apt-get install util-linux mount');
  const version = /(\d+)\.(\d+)[.\d]*/.exec(run(['bwrap', '--version']).text);
  if (!version) return no('bubblewrap is missing', 'apt-get install bubblewrap');
  const [text, major, minor] = version;
  if (Number(major) === 0 && Number(minor) < 8) return no(`bubblewrap ${text} is too old, 0.8 is needed`, UPGRADE);
  const owner = drop_to === undefined ? undefined : ownerOf(drop_to);
  if (owner) return no(`the uid ${drop_to} of the sandbox belongs to ${owner}`, 'Choose another uid for the sandbox.');
  const tried = run([...as(drop_to), ...TRIAL]);
  return tried.ok ? { usable: true, version: text, not_enforced: NOT_ENFORCED } : explain(tried.text);
}

/** The machine's architecture, where a filter exists for it. */
export function architecture(): Architecture | undefined {
  return process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined;
}

const NONE = 'Say `sandbox: none` in the agent file to run without isolation.';
const UPGRADE = 'Install bubblewrap 0.8 or newer (Debian 12, Ubuntu 23.04).';

/** All that a launch needs of the kernel: namespaces, no further ones inside, a fresh /proc. */
const TRIAL = [
  ...[
    'bwrap',
    '--unshare-user',
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-uts',
    '--disable-userns',
  ],
  ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--die-with-parent', '/bin/true'],
] as const;

function explain(text: string): Probe {
  const said = text.trim().split('\n')[0] ?? '';
  if (said.includes('mount proc')) {
    return no(
      `no fresh /proc: ${said}`,
      'In a container, run it with an unmasked /proc (docker run --security-opt systempaths=unconfined).',
    );
  }
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return no(
      `AppArmor forbids user namespaces: ${said}`,
      'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    );
  }
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    return no(`the kernel forbids user namespaces: ${said}`, 'sudo sysctl kernel.unprivileged_userns_clone=1');
  }
  if (read('/proc/sys/user/max_user_namespaces') === '0') {
    return no(`no user namespace is allowed: ${said}`, 'sudo sysctl user.max_user_namespaces=15000');
  }
  return no(`bubblewrap fails: ${said}`, NONE);
}

const no = (reason: string, way_out: string): Probe => ({ usable: false, reason, way_out });

const as = (uid: number | undefined): readonly string[] =>
  uid === undefined ? [] : ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--'];

function ownerOf(uid: number): string | undefined {
  const row = read('/etc/passwd')
    ?.split('\n')
    .find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0];
}

function run([file, ...args]: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const done = spawnSync(file as string, args, { env: { PATH }, cwd: '/', encoding: 'utf8', timeout: 20_000 });
  return { ok: done.status === 0, text: `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}` };
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
