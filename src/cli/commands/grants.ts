import { z } from 'zod';
import type { ListedGrant } from '../../api/contract/approval.ts';
import { EXIT } from '../../domain/errors.ts';
import { ageOf } from '../age.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';
import { allRows } from '../pages.ts';
import { patternWords } from '../render/pattern.ts';
import { oneLine } from '../render/printable.ts';
import { whichSession } from '../watch/which-session.ts';

export const command = defineCommand({
  name: 'grants',
  summary: 'List what is allowed without asking.',
  arguments: [['[session]', 'those that count in this session: its id, the beginning of it, or `latest`']],
  options: [['-q, --quiet', 'ids only']],
  examples: ['tack grants', 'tack grants latest'],
  input: z.strictObject({ session: z.string().min(1).optional(), quiet: z.boolean().default(false) }),
  async run({ session, quiet }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const of = session === undefined ? null : await whichSession(client, session);
    const all = await allRows((page) => client.grants.list({ ...page, ...(of && { session_id: of.id }) }));
    if (out.json) out.object({ object: 'list', data: all });
    else if (quiet) for (const { id } of all) out.line(id);
    else if (all.length === 0) out.line('Nothing is allowed for longer than once.');
    else for (const [n, grant] of all.entries()) show(grant, n === 0, out);
    return EXIT.ok;
  },
});

function show(grant: ListedGrant, isFirst: boolean, out: Output): void {
  const { id, scope, pattern, title, rules, granted_by, granted_at, project_id, session_id } = grant;
  if (!isFirst) out.line('');
  const where =
    scope === 'always' && project_id ? `in the project ${project_id}` : `in the session ${session_id ?? '?'}`;
  out.line(`${out.colors.bold(id)}  ${where}`);
  out.line(`    allows   ${patternWords(pattern) || oneLine(title, 200)}`);
  if (pattern) out.line(`    given to ${oneLine(title, 200)}`);
  out.line(`    rules    ${rules.map((name) => oneLine(name, 60)).join(', ')}`);
  if (granted_by && granted_at)
    out.line(`    by       ${oneLine(granted_by.id, 80)}, ${ageOf(granted_at, Date.now())} ago`);
  out.line(`    ${out.colors.cyan(`tack revoke ${id}`)}`);
}
