/** The person of the demo: types commands, as anybody would. The one place where the demo starts processes. */
import { spawn } from 'node:child_process';
import { TackError } from '../domain/errors.ts';

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Person {
  /** Runs a command in a folder to its end, whatever its exit code. */
  type(command: readonly string[], cwd: string): Promise<Answer>;
  /** Resolves when nothing that was typed runs any more. */
  idle(): Promise<void>;
}

/** `env` is all that the commands see. Ctrl-C does not reach them: the demo ends them in order. */
export function createPerson(env: NodeJS.ProcessEnv): Person {
  const running = new Set<Promise<Answer>>();
  return {
    type(command, cwd) {
      const ended = run(command, { cwd, env });
      running.add(ended);
      const over = () => running.delete(ended);
      ended.then(over, over);
      return ended;
    },
    async idle() {
      await Promise.allSettled(running);
    },
  };
}

function run(
  [program = '', ...args]: readonly string[],
  where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...where, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
    child.once('error', (cause) =>
      reject(new TackError('internal', `${program} cannot be started: ${cause.message}`, { cause })),
    );
    child.once('close', (code) => resolve({ code, stdout: out.join(''), stderr: err.join('') }));
  });
}
