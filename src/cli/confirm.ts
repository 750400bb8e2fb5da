/** One question with yes or no, on the terminal. */
import { createInterface } from 'node:readline/promises';
import type { Context } from './context.ts';

/** Only where `may_ask`. Anything but `y` and `yes` is no: also Ctrl-C and Ctrl-D. */
export async function confirm({ stdin }: Pick<Context, 'stdin'>, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: process.stderr, terminal: true });
  const left = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answered = lines.question(`${question} [y/N] `).catch(() => ''); // Ctrl-C rejects it
  try {
    return /^y(es)?$/i.test((await Promise.race([answered, left])).trim());
  } finally {
    lines.close();
  }
}
