/** The log of one role: ten files of ten megabytes. */
import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';

const BYTES_MAX = 10_000_000;
const FILES_MAX = 10;

export interface LogFile {
  /** Never throws: a full disk would end the supervisor, and every role with it. What could not be kept is counted, and told when it can. */
  write(chunk: Uint8Array | string): void;
}

export function openLog(file: string, { bytes_max = BYTES_MAX }: { readonly bytes_max?: number } = {}): LogFile {
  let bytes = existsSync(file) ? statSync(file).size : 0;
  let lost = 0;
  let why = '';
  const append = (chunk: Uint8Array | string): void => {
    if (bytes + chunk.length > bytes_max) {
      rotate(file);
      bytes = 0;
    }
    appendFileSync(file, chunk, { mode: 0o600 });
    bytes += chunk.length;
  };
  return {
    write(chunk) {
      try {
        if (lost > 0) append(`\n${lostLine(lost, why)}\n`); // the last one may stand there in part
        lost = 0;
        append(chunk);
      } catch (error) {
        lost += 1;
        why = (error as NodeJS.ErrnoException).code ?? String(error);
      }
    },
  };
}

const lostLine = (lines: number, why: string): string =>
  JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg: 'log.lost', lines, why });

/** `engine.log` → `engine.log.1` → … → `engine.log.9`; the oldest goes. */
function rotate(file: string): void {
  for (let n = FILES_MAX - 1; n >= 1; n--) {
    const from = n === 1 ? file : `${file}.${n - 1}`;
    if (existsSync(from)) renameSync(from, `${file}.${n}`);
  }
}
