/** How a command that failed says so, and with which exit code. */
import { CommanderError } from 'commander';
import { ERROR_KINDS, EXIT, isTackError, TackError, type ExitCode } from '../domain/errors.ts';
import type { Output } from './output.ts';
import { printable } from './render/printable.ts';

/** One line of what happened, one of the way out; with --json the problem on stdout. `command` is the one that was given, when there is one of that name. */
export function failed(error: unknown, out: Output, command?: string): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok; // --help
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return failed(new TackError('usage_invalid', message), out, command);
  }
  const known = isTackError(error)
    ? error
    : new TackError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { status, exit, title, way_out: ways_out, retryable } = ERROR_KINDS[known.code];
  const way_out = known.code === 'usage_invalid' && command ? `See \`tack help ${command}\`.` : ways_out;
  if (out.json)
    out.object({
      type: `https://tackroom.dev/errors/${known.code}`,
      title,
      status,
      detail: known.message,
      code: known.code,
      retryable,
      remediation: way_out,
      ...(known.data && { data: known.data }),
    });
  out.say(`${out.colors.red('✗')} ${printable(known.message)}`); // it may quote a file of the repository
  if (!known.message.includes(way_out)) out.say(`  ${way_out}`);
  return exit;
}
