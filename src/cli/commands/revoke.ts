import { z } from 'zod';
import type { ListedGrant } from '../../api/contract/approval.ts';
import type { Client } from '../../api/contract/client.ts';
import { EXIT, TackError } from '../../domain/errors.ts';
import { ID_PREFIXES } from '../../domain/ids.ts';
import { defineCommand } from '../command.ts';
import { allRows } from '../pages.ts';
import { patternWords } from '../render/pattern.ts';
import { oneLine } from '../render/printable.ts';

export const command = defineCommand({
  name: 'revoke',
  summary: 'Take back what was allowed for longer.',
  arguments: [['<id>', 'the grant, or an unambiguous beginning of its id']],
  examples: ['tack grants', 'tack revoke grt_01…'],
  input: z.strictObject({ id: z.string().min(1) }),
  async run({ id }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const grant = await findGrant(client, id);
    const revoked = await client.grants.revoke({ grant_id: grant.id });
    if (out.json) out.object(revoked);
    else out.line(`${out.colors.green('✓')} Asked again from now on: ${covered(grant)}`);
    return EXIT.ok;
  },
});

const covered = ({ pattern, title }: ListedGrant): string => patternWords(pattern) || oneLine(title, 200);

/** `grant_not_found` when there is none; `usage_invalid` when several begin like this. */
async function findGrant(client: Client, said: string): Promise<ListedGrant> {
  const prefix = `${ID_PREFIXES.grant}_`;
  const beginning = said.startsWith(prefix) ? said : prefix + said;
  const found = (await allRows((page) => client.grants.list(page))).filter(({ id }) => id.startsWith(beginning));
  const [first, ...others] = found;
  if (!first) throw new TackError('grant_not_found', `Nothing is allowed by ${JSON.stringify(said)}.`);
  if (others.length > 0)
    throw new TackError(
      'usage_invalid',
      `${JSON.stringify(said)} may be ${found.map((grant) => `${grant.id} (${covered(grant)})`).join(', ')}. Say more of the id.`,
    );
  return first;
}
