/** The parser of one command, and its help. */
import { Command } from 'commander';
import type { CommandDefinition } from './command.ts';

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
