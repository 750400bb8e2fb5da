/** Splits a stream into lines at `\n` only: JSON may hold other line separators. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Calls back for each whole line, and with what is left at the end when it is not empty. */
export function onLines(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  stream.on('data', (chunk: Buffer) => {
    const parts = decoder.write(chunk).split('\n');
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
