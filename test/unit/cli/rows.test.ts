/** Every command is a row: its help, its examples and the reference page agree. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandDefinition } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { helpOf, parserOf } from '../../../src/cli/help.ts';
import { exitCodesHelp, mainHelp } from '../../../src/cli/main-help.ts';
import { cliReference } from '../../../src/cli/reference.ts';
import { EXIT } from '../../../src/domain/errors.ts';

const documented = await Promise.all(COMMANDS.map(async (row) => ({ row, definition: await row.load() })));
const byName = new Map(documented.map(({ row, definition }) => [row.name, definition]));

/** Words of a shell line: quotes, and no more. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');

/** What the command would be run with. */
async function parsed(definition: CommandDefinition<never>, argv: readonly string[]): Promise<unknown> {
  const parser = parserOf(definition);
  const given: Record<string, unknown> = {};
  parser.action(() => {
    parser.registeredArguments.forEach((argument, n) => (given[argument.name()] = parser.processedArgs[n]));
    Object.assign(given, parser.opts());
  });
  await parser.parseAsync([...argv], { from: 'user' });
  const { json: _json, input: _input, color: _color, C: _folder, ...own } = given;
  return definition.input.parse(own);
}

describe.each(documented.map(({ row, definition }) => [row.name, { row, definition }] as const))(
  'tack %s',
  (name, it_) => {
    const { row, definition } = it_;

    it('is called and summed up alike in the list and in its own help', () => {
      expect([definition.name, definition.summary]).toEqual([row.name, row.summary]);
      expect(mainHelp()).toContain(row.summary);
      expect(helpOf(definition)).toContain(row.summary);
    });

    it('has examples that it would take', async () => {
      expect(definition.examples.length).toBeGreaterThan(0);
      const typed = definition.examples.flatMap((example) =>
        example
          .split(/ && | \| | > /)
          .map((part) => words(part.replace(/^(\w+=\S+ )+/, '')))
          .filter(([program]) => program === 'tack'),
      );
      expect(typed.some(([, command]) => command === name)).toBe(true);
      for (const [, command = '', ...argv] of typed) {
        const other = byName.get(command);
        if (!other) throw new Error(`tack ${command} is no command`);
        await parsed(other, argv);
      }
    });

    it('refuses an option that it does not have', async () => {
      await expect(parsed(definition, ['--no-such-option'])).rejects.toThrow(/unknown option/);
    });
  },
);

describe('the help', () => {
  it('names every exit code', () => {
    for (const code of Object.values(EXIT)) expect(exitCodesHelp()).toMatch(new RegExp(`^ *${code}  \\S`, 'm'));
  });

  it('is what docs/reference/cli.md shows (else: ./tack exec node scripts/cli-reference.ts)', () => {
    const file = new URL('../../../docs/reference/cli.md', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(cliReference(documented));
  });
});
