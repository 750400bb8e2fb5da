/** Somebody who has just cloned this checkout: an empty HOME of mode 0700, the system's PATH, and nothing else of ours. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleInto, IS_ROOT, makeOrdinaryUser, mounted, runToEnd } from './ordinary-user.ts';
import { processes, type ProcessLine } from './processes.ts';
import type { Finished } from './tackroom.ts';
import { openTerminal, type Terminal } from './terminal.ts';

export interface Newcomer {
  /** Their clone, as they see it. */
  readonly checkout: string;
  /** Their data folder, as they see it. */
  readonly data_folder: string;
  /** Claude Code, where they find it; null where this machine has none. */
  readonly claude: string | null;
  /** All that they have in their environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The words that run a command as them, in their checkout. */
  words(argv: readonly string[]): readonly string[];
  /** Runs a command there to its end, without a terminal. */
  run(argv: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  terminal(argv: readonly string[]): Terminal;
  /** What runs in their name. */
  processes(): readonly ProcessLine[];
  /** What lies in their home, in /tmp and beside the data folder that they did not put there. */
  left(): readonly string[];
  close(): void | Promise<void>;
}

interface Place {
  readonly checkout: string;
  readonly data_folder: string;
  readonly claude: string | null;
  readonly env: NodeJS.ProcessEnv;
  words(argv: readonly string[], cwd: string): readonly string[];
}

/** Root, with HOME /root: the folders that root would write to are fresh ones, seen by nobody else. */
export async function newRoot(): Promise<Newcomer> {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'tack-newcomer-'));
  const folder = (name: string, mode: number): string => {
    mkdirSync(join(base, name));
    chmodSync(join(base, name), mode);
    return join(base, name);
  };
  const [home, lib, tmp] = [folder('home', 0o700), folder('lib', 0o755), folder('tmp', 0o1777)];
  const brought = folder('brought', 0o755);
  const claude = process.env['TACK_CLAUDE_BIN'];
  if (claude) writeFileSync(join(brought, 'claude'), '');
  const mounts = [
    { host: brought, inside: '/mnt' },
    ...(claude ? [{ host: realpathSync(claude), inside: '/mnt/claude' }] : []),
    { host: home, inside: HOME_OF_ROOT },
    { host: lib, inside: '/var/lib' },
    { host: tmp, inside: '/tmp' }, // last: the others may lie below it
  ];
  const place: Place = {
    checkout: join('/root', 'tackroom'),
    data_folder: '/var/lib/tackroom',
    claude: claude ? '/mnt/claude' : null,
    env: {
      HOME: HOME_OF_ROOT,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...reach(brought, '/mnt'),
    },
    words: (argv, cwd) => [...mounted(mounts), '/usr/bin/env', '-C', cwd, ...argv],
  };
  bundleInto(brought);
  await cloned(place, HOME_OF_ROOT, '/mnt/checkout.bundle');
  return newcomer(place, {
    // whatever sees one of these folders, in whatever namespace
    processes: () => processes().filter(({ pid }) => mountsOf(pid).includes(base)),
    left: () => [...besides(home, ['tackroom']), ...besides(lib, ['tackroom']), ...besides(tmp)],
    close: () => rmSync(base, { recursive: true, force: true }),
  });
}

/** An ordinary user: another one when we are root, else ourselves in another home. */
export async function newUser(): Promise<Newcomer> {
  if (!IS_ROOT) return ourselves();
  const user = makeOrdinaryUser();
  const brought = join(user.home, '..');
  const claude = process.env['TACK_CLAUDE_BIN'];
  const registries = reach(brought, brought);
  for (const file of CONFIGURATIONS.map(({ variable }) => join(brought, variable)).filter(existsSync)) user.give(file);
  const place: Place = {
    checkout: join(user.home, 'tackroom'),
    data_folder: join(user.home, '.tackroom'),
    claude: claude ? user.at(claude) : null,
    env: { HOME: user.home, PATH: PATH_OF_USERS, ...registries },
    words: (argv, cwd) => user.words(argv, { cwd }),
  };
  await cloned(place, user.home, bundleInto(brought));
  return newcomer(place, {
    processes: user.processes,
    left: () => [
      ...besides(user.home, ['tackroom', '.tackroom']),
      ...OPEN_TO_ALL.flatMap((all) => ownedBelow(all, user.uid)),
    ],
    close: user.close,
  });
}

async function ourselves(): Promise<Newcomer> {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'tack-newcomer-'));
  const home = join(base, 'home');
  const tmp = join(base, 'tmp');
  for (const folder of [home, tmp]) mkdirSync(folder, { mode: 0o700 });
  const place: Place = {
    checkout: join(home, 'tackroom'),
    data_folder: join(home, '.tackroom'),
    claude: process.env['TACK_CLAUDE_BIN'] ?? null,
    env: { HOME: home, PATH: PATH_OF_USERS, TMPDIR: tmp, ...reach(base, base) },
    words: (argv, cwd) => ['/usr/bin/env', '-C', cwd, ...argv],
  };
  await cloned(place, home, bundleInto(base));
  return newcomer(place, {
    processes: () =>
      processes().filter(({ pid, command }) => (command + mountsOf(pid) + environmentOf(pid)).includes(base)),
    left: () => [...besides(home, ['tackroom', '.tackroom']), ...besides(tmp)],
    close: () => rmSync(base, { recursive: true, force: true }),
  });
}

const HOME_OF_ROOT = '/root';
const PATH_OF_USERS = '/usr/local/bin:/usr/bin:/bin';
const OPEN_TO_ALL = ['/tmp', '/var/tmp', '/dev/shm', '/run'];

function newcomer(place: Place, oracle: Pick<Newcomer, 'processes' | 'left' | 'close'>): Newcomer {
  const { checkout, data_folder, claude, env, words } = place;
  return {
    ...oracle,
    checkout,
    data_folder,
    claude,
    env,
    words: (argv) => words(argv, checkout),
    run: (argv, more) => runToEnd(words(argv, checkout), { env: { ...env, ...more } }),
    terminal: (argv) => openTerminal(words(argv, checkout), { cwd: '/', env }),
  };
}

async function cloned({ words, env }: Place, home: string, bundle: string): Promise<void> {
  const { code, stderr } = await runToEnd(words(['git', 'clone', '-q', bundle, 'tackroom'], home), { env });
  if (code !== 0) throw new Error(`git clone ended with ${code}: ${stderr}`);
}

/** How this machine reaches its package registries: by variables and files, where there are any. No cache is among them. */
function reach(folder: string, seen_as: string): NodeJS.ProcessEnv {
  const variables = Object.entries(process.env).filter(([name]) => REACHES.test(name));
  const files = CONFIGURATIONS.flatMap(({ variable, candidates }) => {
    const found = candidates.map((path) => join(homedir(), path)).find((path) => existsSync(path));
    if (!found) return [];
    copyFileSync(found, join(folder, variable));
    return [[variable, join(seen_as, variable)]];
  });
  return Object.fromEntries([...variables, ...files]);
}
const REACHES =
  /^(npm_config_(registry|cafile|strict_ssl|proxy|https_?proxy|noproxy)|pip_.*|(https?|no|all)_proxy|SSL_CERT_.*|NODE_EXTRA_CA_CERTS)$/i;
const CONFIGURATIONS = [
  { variable: 'npm_config_userconfig', candidates: ['.npmrc'] },
  { variable: 'PIP_CONFIG_FILE', candidates: ['.config/pip/pip.conf', '.pip/pip.conf'] },
];

const besides = (folder: string, known: readonly string[] = []): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !known.includes(name))
    .map((name) => join(folder, name));

const ownedBelow = (folder: string, uid: number): readonly string[] =>
  besides(folder).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === uid);

const mountsOf = (pid: number): string => ofProcess(pid, 'mountinfo');
const environmentOf = (pid: number): string => ofProcess(pid, 'environ');

function ofProcess(pid: number, what: 'mountinfo' | 'environ'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
