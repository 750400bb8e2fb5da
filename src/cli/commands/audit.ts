import { resolve } from 'node:path';
import { z } from 'zod';
import type { Audited, AuditWish } from '../../audit/index.ts';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { engineHere } from '../engine-address.ts';
import type { Output } from '../output.ts';
import { printable } from '../render/printable.ts';

const Input = z
  .strictObject({
    what: z.literal('verify'),
    id: z.string().min(1).optional(),
    all: z.boolean().default(false),
    backup: z.string().min(1).optional(),
  })
  .refine(({ id, all }) => id === undefined || !all, { message: 'Name one session, or --all.', path: ['id'] });

export const command = defineCommand({
  name: 'audit',
  summary: 'Verify that nothing was changed in the logs.',
  arguments: [
    ['<what>', 'verify: walk the hash chain, and compare its end with all who know it'],
    ['[id]', 'the session, or an unambiguous beginning of its id; none: every session'],
  ],
  options: [
    ['--all', 'every session'],
    ['--backup <file>', 'the logs in a backup, without restoring it'],
  ],
  examples: [
    'tack audit verify',
    'tack audit verify ses_01…',
    'tack audit verify --backup room.tar.zst',
    "tack audit verify --json | jq 'select(.breaks != [])'",
  ],
  input: Input,
  async run({ id, backup }, context) {
    const { config, cwd } = context;
    if (backup === undefined) return verify({ ...config, engine: await engineHere(config), id }, context);
    const { logsIn } = await import('../../upkeep/restore/logs-in.ts');
    const copy = logsIn(resolve(cwd, backup));
    try {
      return await verify({ data_folder: copy.data_folder, database_url: null, engine: null, id }, context);
    } finally {
      copy.remove();
    }
  },
});

type Where = Omit<AuditWish, 'session'> & { readonly id: string | undefined };

async function verify({ data_folder, database_url, engine, id }: Where, { out }: Context): Promise<ExitCode> {
  const { audited } = await import('../../audit/index.ts');
  let [logs, broken] = [0, 0];
  for await (const log of audited({ data_folder, database_url, engine, session: id ?? null })) {
    logs++;
    if (log.breaks.length > 0) broken++;
    show(log, out, id !== undefined);
  }
  if (out.json) out.object({ object: 'audit', logs, broken, engine: engine !== null });
  else
    out.line(
      broken > 0 ? `${broken} of ${logs} logs are broken.` : `${logs} ${logs === 1 ? 'log is' : 'logs are'} whole.`,
    );
  if (!engine) out.say('No engine runs here: a tail that was cut in every table of store.db would not be seen.');
  return broken > 0 ? EXIT.failed : EXIT.ok;
}

function show({ log_id, events, breaks }: Audited, out: Output, is_asked_for: boolean): void {
  if (out.json) return out.object({ object: 'log', log_id, events, breaks });
  if (breaks.length === 0) {
    if (is_asked_for) out.line(`${out.colors.green('✓')} ${log_id}: ${events} events`);
    return;
  }
  out.line(`${out.colors.red('✗')} ${printable(log_id)}: ${events} events`);
  for (const { kind, seq, problem } of breaks) out.line(`    event ${seq} ${kind}: ${printable(problem)}`);
}
