/** What a writer appends under one key: the same on every try, one to four events, now and then with content that is a file. */
import type { NewEvent } from '../../../src/domain/events/new-event.ts';
import { LARGE, message } from './contract/an-event.ts';

export function batchOf(writer: string, n: number): readonly NewEvent[] {
  return Array.from({ length: 1 + (n % 4) }, (_, part) => {
    const text = `${writer}/${n}/${part}`;
    return message(text, { data: { text: part === 2 ? text.padEnd(LARGE, '.') : text, writer, n, part } });
  });
}
