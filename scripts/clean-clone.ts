/** `./tack npm run test:clean [-- root|user [command …]]`: a clean clone of the last commit, HOME empty; there the README's test command, or another one. Logs in .tack/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newRoot, newUser, type Newcomer } from '../test/support/newcomer.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WHO: Readonly<Record<string, () => Promise<Newcomer>>> = { user: newUser, root: newRoot };

const [who, ...command] = process.argv.slice(2);
for (const name of who === undefined ? Object.keys(WHO) : [who])
  if (!(await passes(name, command.length > 0 ? command : ['./tack', 'test']))) process.exitCode = 1;

/** Whether the command ended well, and left nothing. */
async function passes(name: string, argv: readonly string[]): Promise<boolean> {
  const make = WHO[name];
  if (!make) throw new Error(`There is no ${name}; there are ${Object.keys(WHO).join(', ')}.`);
  const log = join(ROOT, '.tack', `clean-clone-${name}.log`);
  mkdirSync(join(ROOT, '.tack'), { recursive: true });
  const newcomer = await make();
  console.log(`${name}: ${argv.join(' ')} in a clean clone; it is written to ${log}`);
  const started = Date.now();
  try {
    const code = await toEnd(newcomer, argv, log);
    const minutes = ((Date.now() - started) / 60_000).toFixed(1);
    const [processes, left] = [newcomer.processes(), newcomer.left()];
    console.log(`${name}: exit ${code} after ${minutes} minutes; ${lastLine(log)}`);
    for (const { pid, command: words } of processes) console.log(`  left behind: ${pid} ${words}`);
    for (const path of left) console.log(`  left behind: ${path}`);
    return code === 0 && processes.length === 0 && left.length === 0;
  } finally {
    await newcomer.close();
  }
}

async function toEnd(newcomer: Newcomer, argv: readonly string[], log: string): Promise<number | null> {
  const out = openSync(log, 'w');
  const [file = '', ...args] = newcomer.words(argv);
  const child = spawn(file, args, { cwd: '/', env: newcomer.env, stdio: ['ignore', out, out] });
  const [code] = (await once(child, 'close')) as [number | null];
  closeSync(out);
  return code;
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
}
