/** Parses and runs one command, or shows its help. */
import { TackError, type ExitCode } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { explain, type Finding } from '../domain/spec/explain.ts';
import type { CommandDefinition } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOf, parserOf } from './help.ts';
import { openContext } from './open-context.ts';
import type { Output } from './output.ts';

export async function runCommand(name: string, rest: readonly string[], out: Output): Promise<ExitCode> {
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
      explain(definition.input, own, input.error.issues)
        .map((finding) => mistakeIn(definition, finding))
        .join('; '),
    );
  const context = openContext({ out, folder: folder as string | undefined, may_ask: may_ask !== false });
  return definition.run(input.data, context);
}

/** Called as its help calls it: an option has its dashes. */
function mistakeIn({ arguments: named = [] }: CommandDefinition<never>, { path, message }: Finding): string {
  const [key, ...deeper] = path.map(String);
  if (key === undefined) return message;
  const is_argument = named.some(([syntax]) => syntax.replaceAll(/\W/g, '') === key);
  const dashed = `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return `${[is_argument ? key : dashed, ...deeper].join('.')}: ${message}`;
}

/** `tack help <command>`. */
export async function showHelp(name: string, out: Output): Promise<void> {
  out.text(helpOf(await rowOf(name).load()));
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
