/** What a bad case came to, for the table of docs/reference/errors.md: `./tack npm run test:long -- bad odd` writes it. */
import { record } from './rounds.ts';

export interface Told {
  readonly kind: string;
  readonly what: string;
  /** The exit code of a command, the status of an answer, or what became of the session. */
  readonly ends: string;
  /** Its words: paths and ids of this run are left out. */
  readonly says: string;
}

export function told({ kind, what, ends, says }: Told): void {
  record('bad-input', { kind, case: what, ends, says: oneLine(says) });
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .replaceAll(/(?:\/[\w.@+-]+)*\/tack-[\w-]+(\/[\w./-]*)?/g, '…$1')
    .replaceAll(/\b(ses|apr|trn|prj)_[0-9a-z]{6,}/g, '$1_…')
    .trim()
    .split('\n')[0]
    ?.slice(0, 200) ?? '';
