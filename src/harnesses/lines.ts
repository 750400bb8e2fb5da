/** Splits a stream into lines at `\n` only: JSON may hold other line separators. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Larger than any message: what is said to a harness comes back in one line, with all that was attached to it. */
const LINE_MAX_CHARS = 100_000_000;

/**
 * Calls back for each whole line, and with what is left at the end when it is not empty. A line without an end would take the
 * memory of the whole process: it is `endless`, and nothing is read any more.
 */
export function onLines(
  stream: Readable,
  line: (text: string) => void,
  { endless, max = LINE_MAX_CHARS }: { readonly endless: () => void; readonly max?: number },
): void {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    const parts = decoder.write(chunk).split('\n');
    length = (parts.length > 1 ? 0 : length) + (parts.at(-1)?.length ?? 0);
    if (length > max) {
      rest = [];
      stream.removeAllListeners('data').resume();
      return endless();
    }
    for (const part of parts.slice(0, -1)) {
      line(rest.join('') + part);
      rest = [];
    }
    rest.push(parts.at(-1) ?? '');
  });
  stream.on('end', () => {
    const last = rest.join('') + decoder.end();
    if (last !== '') line(last);
  });
}
