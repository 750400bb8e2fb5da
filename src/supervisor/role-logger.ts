/** The logger of a role: JSON lines with a constant message, snake_case fields, and no secrets. */
import pino, { type Logger } from 'pino';
import { redact } from '../domain/redact.ts';
import type { Role } from '../domain/wires/supervisor.ts';

export function roleLogger(role: Role, level: string, to?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redact }, // a role that was started alone has nobody who reads its lines first
  };
  return to ? pino(options, to) : pino(options);
}
