/** The words of the prompt: said on the command line, piped in, or both. */
import { fstatSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { TackError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

const PATIENCE_MS = 1_000;

/** `-` is all of stdin; what is piped in beside words is their context. Empty: `usage_invalid`. */
export async function promptOf(
  said: readonly string[],
  { stdin, out }: Pick<Context, 'stdin' | 'out'>,
): Promise<string> {
  const words = said.join(' ').trim();
  const reads = words === '-' || (words === '' ? stdin.isTTY !== true : isPiped());
  const piped = reads ? await patientText(stdin, () => out.say('Reading the prompt from stdin …')) : '';
  const prompt = [words === '-' ? '' : words, piped.trimEnd()].filter(Boolean).join('\n\n');
  if (prompt.trim() === '')
    throw new TackError('usage_invalid', 'There is no prompt: `tack run "what to do"`, or `-` to read it from stdin.');
  return prompt;
}

/** A pipe of a shell, or a file. What a program leaves open (a socket, a terminal) is not waited for. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile();
  } catch {
    return false; // closed
  }
}

async function patientText(stdin: NodeJS.ReadStream, onWait: () => void): Promise<string> {
  const timer = setTimeout(onWait, PATIENCE_MS);
  try {
    return await text(stdin);
  } finally {
    clearTimeout(timer);
  }
}
