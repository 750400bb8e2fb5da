#!/usr/bin/env node
/** `tack` and `tackroom`: finds the command's row, parses, runs, and maps what goes wrong to an exit code. */
import { EXIT, type ExitCode } from '../domain/errors/kind.ts';
import { COMMANDS } from './commands.ts';
import { exitCodesHelp, mainHelp } from './main-help.ts';
import { createOutput, type Output } from './output.ts';

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
    if (name === 'complete') return await completeFor(rest, out);
    const { runCommand } = await import('./run-command.ts'); // what a command needs is loaded for a command only
    return await runCommand(name, rest, out);
  } catch (error) {
    const { failed } = await import('./failed.ts');
    return failed(error, out, COMMANDS.find((row) => row.name === name)?.name);
  }
}

async function help([about]: readonly string[], out: Output): Promise<ExitCode> {
  if (about === undefined) out.text(mainHelp());
  else if (about === 'exit-codes') out.line(exitCodesHelp());
  else await (await import('./run-command.ts')).showHelp(about, out);
  return EXIT.ok;
}

/** Asked by the shell at each TAB; `tack completion` prints what makes it ask. */
async function completeFor([separator, ...words]: readonly string[], out: Output): Promise<ExitCode> {
  if (separator !== '--') return EXIT.usage;
  const { candidates } = await import('./completion/complete.ts');
  const { knownNames } = await import('./completion/names.ts');
  for (const found of await candidates(words, COMMANDS, () => knownNames(out))) out.line(found.join('\t'));
  return EXIT.ok;
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
