#!/usr/bin/env node
/** `tack` and `tackroom`: finds the command's row, parses, runs, and maps what goes wrong to an exit code. */
import { CommanderError } from 'commander';
import { EXIT, ERROR_KINDS, isTackError, TackError, type ExitCode } from '../domain/errors.ts';
import { COMMANDS } from './commands.ts';
import { exitCodesHelp, helpOf, mainHelp, parserOf } from './help.ts';
import { nearest } from '../domain/nearest.ts';
import { openContext } from './open-context.ts';
import { createOutput, type Output } from './output.ts';
import { printable } from './render/printable.ts';

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    process.exit(EXIT.ok); // `| head` has seen enough, or the terminal is gone
  });
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = argv;
  const out = outputFor(argv);
  try {
    if (name === undefined) return (out.text(mainHelp()), out.is_terminal ? EXIT.ok : EXIT.usage);
    if (name === '--help' || name === '-h') return (out.text(mainHelp()), EXIT.ok);
    if (name === '--version' || name === 'version') return (out.line(await version()), EXIT.ok);
    if (name === 'help') return await help(rest, out);
    return await runCommand(name, rest, out);
  } catch (error) {
    return failed(error, out);
  }
}

async function help([about]: readonly string[], out: Output): Promise<ExitCode> {
  if (about === undefined) out.text(mainHelp());
  else if (about === 'exit-codes') out.line(exitCodesHelp());
  else out.text(helpOf(await rowOf(about).load()));
  return EXIT.ok;
}

async function runCommand(name: string, rest: readonly string[], out: Output): Promise<ExitCode> {
  const definition = await rowOf(name).load();
  const parser = parserOf(definition);
  const given: Record<string, unknown> = {};
  parser.action(() => {
    parser.registeredArguments.forEach((argument, n) => (given[argument.name()] = parser.processedArgs[n] as unknown));
    Object.assign(given, parser.opts());
  });
  parser.configureOutput({ writeOut: out.text, writeErr: () => undefined });
  await parser.parseAsync([...rest], { from: 'user' });
  const { json: _json, input: may_ask, color: _color, C: folder, ...own } = given;
  const input = definition.input.safeParse(own);
  if (!input.success)
    throw new TackError(
      'usage_invalid',
      input.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  const context = openContext({ out, folder: folder as string | undefined, may_ask: may_ask !== false });
  return definition.run(input.data, context);
}

function rowOf(name: string): (typeof COMMANDS)[number] {
  const row = COMMANDS.find((candidate) => candidate.name === name);
  if (row) return row;
  const meant = nearest(
    name,
    COMMANDS.map((candidate) => candidate.name),
  );
  throw new TackError(
    'usage_invalid',
    `There is no command \`${name}\`.${meant ? ` Did you mean \`tack ${meant}\`?` : ''}`,
  );
}

/** One line of what happened, one of the way out; with --json the problem on stdout. */
function failed(error: unknown, out: Output): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok; // --help
    return failed(new TackError('usage_invalid', error.message.replace(/^error: /, '')), out);
  }
  const known = isTackError(error)
    ? error
    : new TackError('internal', error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { status, exit, title, way_out, retryable } = ERROR_KINDS[known.code];
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

async function version(): Promise<string> {
  const { ownVersion } = await import('../supervisor/program.ts');
  return ownVersion();
}

/** Known before anything is parsed, so that also a mistake in the command is told in the asked form. */
function outputFor(argv: readonly string[]): Output {
  const asked = argv.flatMap((arg, n) =>
    arg === '--color' ? [argv[n + 1]] : arg.startsWith('--color=') ? [arg.slice(8)] : [],
  )[0];
  const is_terminal = process.stdout.isTTY === true && process.stderr.isTTY === true;
  const color = asked === 'always' || (asked !== 'never' && is_terminal && colorWanted());
  return createOutput({
    json: argv.includes('--json'),
    color,
    is_terminal,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}

/** Honours NO_COLOR, FORCE_COLOR and TERM=dumb. */
function colorWanted(): boolean {
  return process.stdout.hasColors?.() ?? false;
}
