/** What a bad case came to, for the table of docs/reference/errors.md: `./tack npm run test:long -- bad odd` writes it. */
import { basename } from 'node:path';
import { expect } from 'vitest';
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
  const file = basename(expect.getState().testPath ?? '');
  record('bad-input', { file, kind, case: what, ends, says: oneLine(says) });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
/** An answer of the API, as it is told: its words, and the place they are about. */
export function toldByApi(kind: string, what: string, { status, body }: Answer): void {
  const { detail, errors = [] } = body as { detail: string; errors?: readonly { place: string; message: string }[] };
  const [first] = errors;
  told({ kind, what, ends: `${status}`, says: first ? `${first.place}: ${first.message}` : detail });
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .replaceAll(/(?:\/[\w.@+-]+)*\/tack-[\w-]+(\/[\w./-]*)?/g, '…$1')
    .replaceAll(/\b(ses|apr|trn|prj)_[0-9a-z]{6,}/g, '$1_…')
    .trim()
    .split('\n')
    .toSorted((a, b) => Number(b.startsWith('✗')) - Number(a.startsWith('✗')))[0] // what was under way is told before
    ?.replace(/^✗ /, '')
    .slice(0, 200) ?? '';
