import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { EXIT, TackError } from '../../domain/errors.ts';
import type { Replayed, Wanted } from '../../replay/index.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { theEngine } from '../engine-address.ts';
import type { Output } from '../output.ts';
import { printable } from '../render/printable.ts';
import { agoOf } from '../since.ts';

const Input = z
  .strictObject({
    id: z.string().min(1).optional(),
    all: z.boolean().default(false),
    since: z.string().optional(),
    history: z.string().min(1).optional(),
    bundle: z.string().min(1).optional(),
  })
  .refine(({ id, all, history }) => [id !== undefined, all, history !== undefined].filter(Boolean).length === 1, {
    message: 'Name one: a session, --all, or --history FILE.',
    path: ['id'],
  })
  .refine(({ all, since }) => all || since === undefined, { message: 'It goes with --all.', path: ['--since'] });

export const command = defineCommand({
  name: 'replay',
  summary: 'Check recorded histories against the workflow code of now.',
  arguments: [
    ['[id]', 'the session, an unambiguous beginning of its id, or latest: every run that the engine still has'],
  ],
  options: [
    ['--all', 'every session that the engine knows'],
    ['--since <time>', 'with --all: only open ones, and those that ended within it, such as 7d or 12h'],
    ['--history <file>', 'a history from a file, or - for stdin; no engine is needed'],
    ['--bundle <file>', 'other workflow code than that of this version'],
  ],
  examples: [
    'tack replay latest',
    "tack replay --all --since 7d --json | jq 'select(.divergence)'",
    'tack replay --history stuck.json',
  ],
  input: Input,
  async run(input, context) {
    const { out, config, cwd } = context;
    const { replayed } = await import('../../replay/index.ts');
    const bundle = input.bundle === undefined ? config.workflow_bundle : resolve(cwd, input.bundle);
    let [histories, diverged] = [0, 0];
    for await (const one of replayed(bundle, await wantedBy(input, context))) {
      histories++;
      if (one.divergence) diverged++;
      show(one, { out, is_summed_up: input.all });
    }
    if (out.json) out.object({ object: 'replay', histories, diverged });
    else if (diverged > 0) out.line(`${diverged} of ${histories} histories go another way with this code.`);
    else out.line(`${histories} ${histories === 1 ? 'history' : 'histories'}: this code does what was recorded.`);
    return diverged > 0 ? EXIT.failed : EXIT.ok;
  },
});

async function wantedBy({ id, since, history }: z.infer<typeof Input>, context: Context): Promise<Wanted> {
  const { historyIn } = await import('../../replay/index.ts');
  if (history !== undefined) return { histories: [historyIn(await contentOf(history, context), nameOf(history))] };
  const engine = await theEngine(context.config);
  if (id !== undefined) return { engine, session: id };
  return { engine, all: { since: since === undefined ? null : agoOf(since, Date.now()) } };
}

const nameOf = (file: string) => (file === '-' ? 'stdin' : file);

async function contentOf(file: string, { stdin, cwd }: Context): Promise<string> {
  try {
    return file === '-' ? await text(stdin) : readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new TackError('usage_invalid', `--history: ${(cause as Error).message}`, { cause });
  }
}

/** Where there are many, those that agree are only counted. */
function show({ history, divergence }: Replayed, { out, is_summed_up }: { out: Output; is_summed_up: boolean }): void {
  const { workflow_id, run_id, source, events } = history;
  if (out.json)
    return out.object({ object: 'history', workflow_id, run_id, source, events: events.length, divergence });
  const named = printable(`${workflow_id}${run_id ? `, run ${run_id}` : ''}`);
  if (!divergence) {
    if (!is_summed_up) out.line(`${out.colors.green('✓')} ${named}: ${events.length} events`);
    return;
  }
  const { event_id, expected, got, reason } = divergence;
  out.line(`${out.colors.red('✗')} ${named}: event ${event_id} of ${events.length}`);
  out.line(`    recorded  ${printable(expected)}`);
  out.line(`    now       ${printable(got)}`);
  out.line(out.colors.dim(`    ${printable(reason)}`));
}
