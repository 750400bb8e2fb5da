/** A command is a row: parsing, `--help` and the reference page come from it. */
import type { z } from 'zod';
import type { ExitCode } from '../domain/errors.ts';
import type { Context } from './context.ts';

export interface CommandDefinition<I> {
  readonly name: string;
  readonly summary: string;
  /** In commander's words: `<id>`, `[prompt...]`. */
  readonly arguments?: readonly (readonly [syntax: string, describe: string])[];
  /** In commander's words: `-m, --message <why>`. */
  readonly options?: readonly (readonly [flags: string, describe: string])[];
  readonly examples: readonly string[];
  /** Arguments by their name, options by theirs in camelCase. */
  readonly input: z.ZodType<I>;
  /** Resolves with the exit code; a TackError becomes its own. */
  readonly run: (input: I, context: Context) => Promise<ExitCode>;
}

/** Infers the input from its schema. */
export const defineCommand = <I>(definition: CommandDefinition<I>): CommandDefinition<I> => definition;

/** What the list of commands knows without loading one: `tack --help` stays fast. */
export interface Row {
  readonly name: string;
  readonly summary: string;
  readonly group: 'Sessions' | 'Approvals' | 'Work' | 'Roles' | 'More';
  readonly load: () => Promise<CommandDefinition<never>>;
}
