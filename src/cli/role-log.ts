/** `tack logs --role`: the log of a role from its file, while it runs or not. */
import { existsSync, openSync, closeSync, readSync, statSync, watchFile, unwatchFile, readFileSync } from 'node:fs';
import type { Output } from './output.ts';
import { printable } from './render/printable.ts';

export interface RoleLogOptions {
  readonly file: string;
  readonly lines: number;
  readonly out: Output;
}

/** The last lines; resolves with how far the file was read. */
export function showRoleLog({ file, lines, out }: RoleLogOptions): number {
  if (!existsSync(file)) return 0;
  const text = readFileSync(file, 'utf8');
  const before = existsSync(`${file}.1`) ? readFileSync(`${file}.1`, 'utf8') : ''; // just rotated: the last lines are there
  for (const line of `${before}${text}`.split('\n').filter(Boolean).slice(-lines)) show(line, out);
  return Buffer.byteLength(text);
}

/** Goes on with what is written, until the process is ended. */
export function followRoleLog({ file, out }: RoleLogOptions, from: number): Promise<never> {
  let [at, held] = [from, ''];
  return new Promise((_resolve, reject) => {
    watchFile(file, { interval: 200 }, () => {
      try {
        const size = existsSync(file) ? statSync(file).size : 0;
        if (size < at) at = 0; // rotated: a new one begins
        const lines = (held + readFrom(file, at, size - at)).split('\n');
        at = size;
        held = lines.pop() ?? '';
        for (const line of lines.filter(Boolean)) show(line, out);
      } catch (error) {
        unwatchFile(file);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

function readFrom(file: string, at: number, length: number): string {
  if (length <= 0) return '';
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, length, at));
  } finally {
    closeSync(fd);
  }
}

/** As it is with --json; else time, level, what, and the fields behind it. */
function show(line: string, out: Output): void {
  const said = parsed(line);
  if (out.json || said === null) return out.line(printable(line));
  const { time, level, msg, role: _role, pid: _pid, ...fields } = said;
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const text = [String(time), String(level).padEnd(5), String(msg), ...rest].join('  ');
  const paint =
    level === 'error' || level === 'fatal'
      ? out.colors.red
      : level === 'warn'
        ? out.colors.yellow
        : (words: string) => words;
  out.line(paint(printable(text)));
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null; // of a version before this one
  }
}
