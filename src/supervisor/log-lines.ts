/** What a role prints becomes lines of JSON without secrets: its own lines as they are, whatever else it says (a crash, a library) as text in one. */
import { redact } from '../domain/redact.ts';
import type { Role } from '../domain/wires/supervisor.ts';

export interface LineWriter {
  write(chunk: Uint8Array | string): void;
  /** What came without a newline. */
  end(): void;
}

/** A line that never ends must not fill the memory. */
const LINE_MAX = 200_000;

export function logLines(role: Role, sink: { write(line: string): void }, now = () => new Date()): LineWriter {
  const decoder = new TextDecoder();
  let held = '';
  const say = (line: string): void => {
    if (line.trim() === '') return;
    sink.write(`${redact(isOwn(role, line) ? line : wrapped(line))}\n`);
  };
  const wrapped = (line: string): string => {
    const level =
      /\blevel=(\w+)|"level":"(\w+)"|\b(ERROR|WARN|INFO|DEBUG)\b/i.exec(line)?.slice(1).find(Boolean) ?? 'warn';
    return JSON.stringify({
      level: LEVELS[level.toLowerCase()] ?? 'warn',
      time: now().toISOString(),
      role,
      msg: 'role.said',
      text: line,
    });
  };
  return {
    write(chunk) {
      held += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      const lines = held.split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) say(line);
      if (held.length < LINE_MAX) return;
      say(held);
      held = '';
    },
    end() {
      say(held);
      held = '';
    },
  };
}

const LEVELS: Readonly<Record<string, string>> = {
  error: 'error',
  fatal: 'fatal',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
};

/** Of our logger: an object that says whose it is. The engine's lines have names of its own. */
function isOwn(role: Role, line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    return (JSON.parse(line) as { role?: unknown }).role === role;
  } catch {
    return false;
  }
}
