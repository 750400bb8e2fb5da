/** One question with yes or no, on the terminal. */
import { createInterface } from 'node:readline/promises';
import type { Context } from './context.ts';

/** Only where `may_ask`. Anything but `y` and `yes` is no. */
export async function confirm(
  { stdin, signal }: Pick<Context, 'stdin' | 'signal'>,
  question: string,
): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
}
