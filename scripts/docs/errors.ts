/** The page of error codes and exit codes, from the one table. */
import { ERROR_KINDS, EXIT } from '../../src/domain/errors.ts';
import { exitCodesHelp } from '../../src/cli/main-help.ts';
import { code, table } from './markdown.ts';

export function errorTable(): string {
  return table(
    ['Code', 'HTTP', 'Exit', 'Again?', 'Title', 'What to do'],
    Object.entries(ERROR_KINDS).map(([name, { status, exit, retryable, title, way_out }]) => [
      code(name),
      `${status}`,
      `${exit}`,
      retryable ? 'yes' : '',
      title,
      way_out,
    ]),
  );
}

/** In the words of `tack help exit-codes`. */
export function exitTable(): string {
  const meanings = exitCodesHelp()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
  if (meanings.length !== Object.keys(EXIT).length) throw new Error('An exit code has no meaning in the help.');
  return table(
    ['Exit', 'Means'],
    meanings.map(([exit = '', meaning = '']) => [exit, meaning]),
  );
}
