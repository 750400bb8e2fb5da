/** `tack --help`, `tack help exit-codes`, and the help of one command. */
import { Command } from 'commander';
import { EXIT } from '../domain/errors.ts';
import type { CommandDefinition } from './command.ts';
import { COMMANDS } from './commands.ts';

const GROUPS = ['Sessions', 'Approvals', 'Work', 'Roles', 'More'] as const;

export function mainHelp(): string {
  const groups = GROUPS.map((group) => {
    const rows = COMMANDS.filter((row) => row.group === group).map(
      ({ name, summary }) => `  ${name.padEnd(11)}${summary}`,
    );
    return `${group}\n${rows.join('\n')}`;
  });
  return [
    'Tackroom: durable, governed sessions of coding agents.',
    '',
    'Usage: tack <command> [options]      `tackroom` is the same command',
    '',
    groups.join('\n\n'),
    '',
    'Everywhere: --json  --no-input  --color auto|always|never  -C <folder>  -h, --help  --version',
    'Exit codes: tack help exit-codes',
    '',
    'Examples',
    '  tack run "fix the failing test"',
    '  tack approve apr_01…',
    '  tack logs latest --json | jq .type',
    '',
  ].join('\n');
}

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'failed',
  usage: 'the command has mistakes',
  needs_person: 'needs a person, and --no-input (or no terminal): the approval is on stdout',
  auth: 'a token or credential is missing or wrong',
  budget: 'a budget was reached',
  denied: 'denied by a policy or a person',
  changes_asked: 'finished; the review asked for changes',
  unreachable: 'the server does not answer',
  timeout: '--timeout passed; the session still runs',
  interrupted: 'Ctrl-C; the session still runs',
};

export function exitCodesHelp(): string {
  return Object.entries(EXIT)
    .map(([name, code]) => `${String(code).padStart(4)}  ${MEANINGS[name as keyof typeof EXIT]}`)
    .join('\n');
}

/** The parser of one command, with the flags that all commands have. */
export function parserOf(definition: CommandDefinition<never>): Command {
  const parser = new Command(`tack ${definition.name}`)
    .description(definition.summary)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  for (const [syntax, describe] of definition.arguments ?? []) parser.argument(syntax, describe);
  for (const [flags, describe] of definition.options ?? []) parser.option(flags, describe);
  return parser
    .option('--json', 'one object, or one object a line; the same envelope as the API')
    .option('--no-input', 'never ask: exit with 2 or 3 instead')
    .option('--color <when>', 'auto, always or never')
    .option('-C <folder>', 'work in this folder')
    .addHelpText('after', examplesOf(definition));
}

/** What `--help` prints; at this width, or that of the terminal. */
export function helpOf(definition: CommandDefinition<never>, width?: number): string {
  const parser = parserOf(definition);
  if (width !== undefined) parser.configureOutput({ getOutHelpWidth: () => width });
  return `${parser.helpInformation()}${examplesOf(definition)}\n`;
}

const examplesOf = ({ examples }: CommandDefinition<never>): string =>
  `\nExamples\n${examples.map((example) => `  ${example}`).join('\n')}`;
