/** A command in a real terminal (util-linux `script` gives the pty): keys go in one by one, and the screen is read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

export interface Terminal {
  readonly pid: number;
  /** Every byte so far, as the terminal got them. */
  bytes(): string;
  /** What stands on the screen: rows that were taken away are gone, colours too. */
  rows(): readonly string[];
  /** Types keys; `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void;
  /** Resolves when a row contains the text. */
  shows(text: string | RegExp, timeout_ms?: number): Promise<void>;
  /** Resolves when no row does any more. */
  hides(text: string): Promise<void>;
  /** The exit code. */
  readonly finished: Promise<number | null>;
}

export function openTerminal(
  argv: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Terminal {
  const command = argv.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols 100 rows 40; exec ${command}`, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let bytes = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (bytes += text));
  const finished = once(child, 'close').then(([code]) => code as number | null);
  const rows = () => rowsOf(bytes);
  const has = (text: string | RegExp) =>
    rows().some((row) => (typeof text === 'string' ? row.includes(text) : text.test(row)));
  return {
    pid: child.pid ?? 0,
    bytes: () => bytes,
    rows,
    type: (keys) => void child.stdin.write(keys),
    shows: async (text, timeout_ms) => {
      await until(
        `the terminal to show ${text}\n${rows().join('\n')}`,
        () => {
          if (!has(text) && child.exitCode !== null) throw new Error(`It ended without ${text}:\n${rows().join('\n')}`);
          return has(text);
        },
        timeout_ms,
      );
    },
    hides: async (text) => {
      await until(`the terminal to hide ${text}`, () => !has(text));
    },
    finished,
  };
}

const ROW_TAKEN = '\r\u001b[2K';

function rowsOf(bytes: string): readonly string[] {
  return bytes
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((row) => row.split(ROW_TAKEN).at(-1) ?? '')
    .map((row) => row.replaceAll(CODES, ''));
}
// oxlint-disable-next-line no-control-regex -- colours and modes of the terminal
const CODES = /\u001b\[[?\d;]*[a-zA-Z]/g;
