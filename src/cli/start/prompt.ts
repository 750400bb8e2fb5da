/** The words of the prompt: said on the command line, piped in, or both. */
import { fstatSync } from 'node:fs';
import { DEFAULTS } from '../../domain/defaults.ts';
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
    return textOf(await atMost(stdin, DEFAULTS.message_text_bytes));
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever pipes without an end is told so before the memory ends. */
async function atMost(stdin: AsyncIterable<Uint8Array | string>, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let left = bytes;
  for await (const part of stdin) {
    parts.push(Buffer.from(part as Uint8Array));
    left -= part.length;
    if (left < 0)
      throw new TackError(
        'content_too_large',
        `There is more on stdin than the ${bytes} bytes that a message may have.`,
      );
  }
  return Buffer.concat(parts);
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TackError(
      'usage_invalid',
      'What came on stdin is no text (it is not UTF-8): put it into a file of the repository, and name the file.',
      { cause },
    );
  }
}
