/** A person without rights, made for a test that runs as root: own uid, home and runtime folder, seen by nobody else and gone with the test. */
import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporalBin } from './engine.ts';
import { end, processes, type ProcessLine } from './processes.ts';
import type { Finished } from './tackroom.ts';
import { until } from './until.ts';

export const IS_ROOT = process.getuid?.() === 0;
/** For the titles of what only root can try: such a test is shown as not run, and why. */
export const ONLY_ROOT = IS_ROOT
  ? ''
  : ` (not run: these tests run as uid ${process.getuid?.()}, and this one needs root)`;

const CHECKOUT = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));

export interface OrdinaryUser {
  readonly uid: number;
  readonly name: string;
  /** Mode 0700, empty. */
  readonly home: string;
  /** What a login gives them: HOME, USER, PATH, XDG_RUNTIME_DIR …; nothing of the test's own environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Where they find what is shown to them (this checkout, its Node, the Temporal CLI, Claude Code): a checkout may lie below a home of mode 0700. */
  at(path: string): string;
  /** The words that run a command as them, for spawn or a terminal; the environment is the caller's to give. */
  words(argv: readonly string[], options?: { readonly cwd?: string }): readonly string[];
  /** Runs a command to its end, in their home and with their environment unless the options say otherwise. */
  run(argv: readonly string[], options?: RunAs): Promise<Finished>;
  /** A clone of this checkout's last commit, made by themselves in their home; resolves with its folder. */
  clone(name?: string): Promise<string>;
  /** Makes it theirs, with all that is in it. */
  give(path: string): void;
  /** What runs in their name. */
  processes(): readonly ProcessLine[];
  /** Ends what still runs in their name, and removes every trace. */
  close(): Promise<void>;
}
export interface RunAs {
  readonly cwd?: string;
  /** Added to their environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Needs root. The machine's list of users stays as it is: only their own processes see their name in it. */
export function makeOrdinaryUser(name = 'ann'): OrdinaryUser {
  const uid = freeUid();
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'tack-user-'));
  chmodSync(base, 0o755);
  const own = (folder: string): string => {
    mkdirSync(join(base, folder), { mode: 0o700 });
    chownSync(join(base, folder), uid, uid);
    return join(base, folder);
  };
  const [home, runtime, tmp] = [own('home'), own('run'), own('tmp')];
  const list = (file: string, row: string): string => {
    writeFileSync(join(base, file), `${readFileSync(`/etc/${file}`, 'utf8').trimEnd()}\n${row}\n`, { mode: 0o644 });
    return join(base, file);
  };
  const shown = [CHECKOUT, process.execPath, temporalBin(), ...known(process.env['TACK_CLAUDE_BIN'])]
    .map((path) => realpathSync(path))
    .filter((path, n, all) => !all.slice(0, n).some((above) => path === above || path.startsWith(`${above}/`)))
    .map((host, n) => ({ host, inside: placeFor(host, join(base, `shown-${n}`)) }));
  const mounts = [
    { host: list('passwd', `${name}:x:${uid}:${uid}::${home}:/bin/bash`), inside: '/etc/passwd' },
    { host: list('group', `${name}:x:${uid}:`), inside: '/etc/group' },
    ...shown,
  ];
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    XDG_RUNTIME_DIR: runtime,
    TMPDIR: tmp,
    CLAUDE_CODE_TMPDIR: tmp, // its bare runs leave folders in /tmp otherwise
  };

  const at = (path: string): string => {
    const real = realpathSync(path);
    const found = shown.find(({ host }) => real === host || real.startsWith(`${host}/`));
    return found ? found.inside + real.slice(found.host.length) : path;
  };
  const words: OrdinaryUser['words'] = (argv, { cwd = home } = {}) => [
    ...mounted(mounts),
    ...['/usr/bin/setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--'],
    ...['/usr/bin/env', '-C', cwd, ...argv],
  ];
  const run: OrdinaryUser['run'] = (argv, { cwd = home, env: more, input } = {}) =>
    runToEnd(words(argv, { cwd }), { env: { ...env, ...more }, input });
  const mine = () => processes().filter(({ pid }) => uidOf(pid) === uid);
  return {
    uid,
    name,
    home,
    env,
    at,
    words,
    run,
    async clone(folder = 'tackroom') {
      const bundle = bundleInto(base);
      const { code, stderr } = await run(['git', 'clone', '-q', bundle, folder]);
      if (code !== 0) throw new Error(`git clone ended with ${code}: ${stderr}`);
      return join(home, folder);
    },
    give: (path) => void execFileSync('chown', ['-hR', `${uid}:${uid}`, path]),
    processes: mine,
    async close() {
      await until(`the end of every process of ${name}`, () => {
        for (const { pid } of mine()) end(pid);
        return mine().length === 0;
      });
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** The last commit of this checkout, as a file that everybody may clone. */
export function bundleInto(folder: string): string {
  const bundle = join(folder, 'checkout.bundle');
  const what = ['bundle', 'create', '-q', bundle, 'HEAD', '--branches'];
  execFileSync('git', ['-c', 'safe.directory=*', '-C', CHECKOUT, ...what]);
  chmodSync(bundle, 0o644);
  return bundle;
}

/** The words before a command that give it these mounts, in this order, in a namespace of its own. */
export const mounted = (mounts: readonly { readonly host: string; readonly inside: string }[]): readonly string[] => [
  ...['/usr/bin/unshare', '--mount', '--', '/bin/sh', '-c', MOUNT_ALL, 'as'],
  ...mounts.flatMap(({ host, inside }) => [host, inside]),
  '--',
];

/** Their own PWD is set by whoever needs one. */
const MOUNT_ALL = `
set -e
unset PWD OLDPWD
while [ "$1" != -- ]; do
  mount --no-canonicalize --bind "$1" "$2"
  shift 2
done
shift
exec "$@"
`;

/** Above the ids of people, below those of systemd and containers, and nobody's. */
function freeUid(): number {
  const accounts = readFileSync('/etc/passwd', 'utf8') + readFileSync('/etc/group', 'utf8');
  const running = new Set(processes().map(({ pid }) => uidOf(pid)));
  for (;;) {
    const uid = randomInt(20_000, 50_000);
    if (!accounts.includes(`:${uid}:`) && !running.has(uid)) return uid;
  }
}

function placeFor(host: string, inside: string): string {
  if (statSync(host).isDirectory()) mkdirSync(inside, { mode: 0o755 });
  else writeFileSync(inside, '');
  return inside;
}

const known = (path: string | undefined): readonly string[] => (path ? [path] : []);

function uidOf(pid: number): number | undefined {
  try {
    return Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // it ended while we looked
  }
}

/** Runs these words, and keeps what they said. */
export async function runToEnd(
  [command = '', ...args]: readonly string[],
  { env, input }: { readonly env: NodeJS.ProcessEnv; readonly input?: string | undefined },
): Promise<Finished> {
  const child = spawn(command, args, { env, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  child.stdin.on('error', () => undefined).end(input ?? ''); // it may end before it reads
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: out.join(''), stderr: err.join('') };
}
