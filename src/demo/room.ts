/** The Tackroom of one demo: a data folder of its own below the person's, its roles, and their end. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Client } from '../api/contract/client.ts';
import { isErrorCode, TackError } from '../domain/errors.ts';
import { GroupStatus, type Role } from '../domain/wires/supervisor.ts';
import { createPerson, type Answer } from './person.ts';
import { TEST_COMMAND } from './project.ts';

export interface DemoRoom {
  /** Data folder of the demo. */
  readonly home: string;
  /** The person's repository. */
  readonly shop: string;
  /** Stops the roles, once everything that was typed has ended. */
  close(): Promise<void>;
  /** Types `tack …` in the repository; a command that fails fails the demo. */
  tack(...words: readonly string[]): Promise<Answer>;
  /** Types another command there. */
  type(...command: readonly string[]): Promise<Answer>;
  /** Runs the tests of the project, which may fail. */
  runTests(): Promise<Answer>;
  status(): Promise<GroupStatus>;
  pidOf(role: Role): Promise<number>;
  client(via: 'api' | 'cli'): Client;
}

export interface RoomOptions {
  /** The person's data folder. */
  readonly data_folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../cli/main.ts' : '../cli/main.js', import.meta.url),
);

/** Makes the folder; the demos before, whoever left them, are stopped and removed. */
export async function openRoom({ data_folder, env, say }: RoomOptions): Promise<DemoRoom> {
  const all = join(data_folder, 'demo');
  mkdirSync(all, { recursive: true, mode: 0o711 });
  for (const name of readdirSync(all)) await removeDemo(join(all, name), env, say);
  const folder = makeNext(all);
  writeFileSync(join(folder, 'pid'), `${process.pid}\n`);
  const home = join(folder, 'home');
  const shop = join(folder, 'shop');
  mkdirSync(home, { mode: 0o711 });
  mkdirSync(shop);
  const person = createPerson({ ...env, TACK_HOME: home });
  let is_over = false;

  /** A story that was stopped types nothing more: its next command would start the roles anew. */
  const typed = async (command: readonly string[]): Promise<Answer> => {
    if (is_over) throw new TackError('internal', 'The demo was stopped.');
    return person.type(command, shop);
  };
  const mustEnd = async (name: string, command: readonly string[]): Promise<Answer> => {
    return whole(name, await typed(command));
  };
  const type = (...command: readonly string[]) => mustEnd(command.join(' '), command);
  const tack = (...words: readonly string[]) =>
    mustEnd(`tack ${words[0]}`, [process.execPath, MAIN, ...words, '--json']);
  const status = async () => {
    const { stdout } = await typed([process.execPath, MAIN, 'status', '--json']);
    return GroupStatus.parse(JSON.parse(stdout)); // its exit code says whether every role works
  };
  return {
    home,
    shop,
    async close() {
      is_over = true;
      await person.idle(); // a `tack up` that is on its way starts what nobody would stop
      whole('tack down', await person.type([process.execPath, MAIN, 'down', '--json'], shop));
    },
    tack,
    type,
    runTests: () => typed([process.execPath, ...TEST_COMMAND.split(' ').slice(1)]),
    status,
    async pidOf(role) {
      const pid = (await status()).roles.find((one) => one.role === role)?.pid;
      if (!pid) throw new TackError('internal', `The ${role} does not run.`);
      return pid;
    },
    client(via) {
      const { port } = JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as { port: number };
      const token = readFileSync(join(home, 'token'), 'utf8').trim();
      return createClient({ base_url: `http://127.0.0.1:${port}`, token, via });
    },
  };
}

/** A command that failed is an error of ours, in its own words. */
function whole(name: string, answer: Answer): Answer {
  if (answer.code === 0) return answer;
  throw refusalIn(answer) ?? new TackError('internal', `\`${name}\` ended with ${answer.code}: ${wordsOf(answer)}`);
}

const wordsOf = ({ stdout, stderr }: Answer): string => (stderr || stdout).trim();

/** What `tack … --json` says when it fails, as the same error. */
function refusalIn({ stdout }: Answer): TackError | null {
  try {
    const { code, detail } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    return isErrorCode(code) ? new TackError(code, String(detail)) : null;
  } catch {
    return null; // it failed without words of ours
  }
}

/** A demo that runs now in another terminal stays. */
async function removeDemo(folder: string, env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
  if (isRunning(folder)) return;
  const home = join(folder, 'home');
  const { stdout } = await createPerson({ ...env, TACK_HOME: home }).type([process.execPath, MAIN, 'down'], folder);
  if (stdout.trim()) say(`Stopped the roles of the demo before: ${folder}`);
  rmSync(folder, { recursive: true, force: true });
}

function isRunning(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0);
    return true;
  } catch {
    return false; // it ended, or never began
  }
}

function makeNext(all: string): string {
  for (let n = 1; ; n++)
    try {
      mkdirSync(join(all, `${n}`), { mode: 0o711 });
      return join(all, `${n}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // of a demo that runs
    }
}
