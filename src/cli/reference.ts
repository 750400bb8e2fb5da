/** The reference page of the command line, made of the rows: what `--help` prints, by group. Pure. */
import type { CommandDefinition, Row } from './command.ts';
import { helpOf } from './help.ts';
import { exitCodesHelp } from './main-help.ts';

export interface Documented {
  readonly row: Row;
  readonly definition: CommandDefinition<never>;
}

export function cliReference(documented: readonly Documented[]): string {
  const groups = [...new Set(documented.map(({ row }) => row.group))];
  return (
    [
      '# The command line',
      'Made by `./tack exec node scripts/cli-reference.ts` from what each command says of itself. `tackroom` is the same command as `tack`.',
      'stdout is the result, stderr the talk. Without a terminal there is no colour and no question.',
      ...groups.flatMap((group) => [
        `## ${group}`,
        ...documented.filter(({ row }) => row.group === group).map(({ definition }) => section(definition)),
      ]),
      '## Exit codes',
      fenced(exitCodesHelp()),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

const WIDTH = 100;

const section = (definition: CommandDefinition<never>): string =>
  `### tack ${definition.name}\n\n${fenced(helpOf(definition, WIDTH))}`;

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
