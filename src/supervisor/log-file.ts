/** The log of one role: ten files of ten megabytes. */
import { appendFileSync, existsSync, renameSync, statSync } from 'node:fs';

const BYTES_MAX = 10_000_000;
const FILES_MAX = 10;

export interface LogFile {
  write(chunk: Uint8Array | string): void;
}

export function openLog(file: string, { bytes_max = BYTES_MAX }: { readonly bytes_max?: number } = {}): LogFile {
  let bytes = existsSync(file) ? statSync(file).size : 0;
  return {
    write(chunk) {
      if (bytes + chunk.length > bytes_max) {
        rotate(file);
        bytes = 0;
      }
      appendFileSync(file, chunk, { mode: 0o600 });
      bytes += chunk.length;
    },
  };
}

/** `engine.log` → `engine.log.1` → … → `engine.log.9`; the oldest goes. */
function rotate(file: string): void {
  for (let n = FILES_MAX - 1; n >= 1; n--) {
    const from = n === 1 ? file : `${file}.${n - 1}`;
    if (existsSync(from)) renameSync(from, `${file}.${n}`);
  }
}
