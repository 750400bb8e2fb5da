/** An approval as people name it: its id, an unambiguous beginning of it, or what it is the only one of that waits: `latest`, a session. */
import type { Approval } from '../api/contract/approval.ts';
import type { Client } from '../api/contract/client.ts';
import { TackError } from '../domain/errors.ts';
import { ID_PREFIXES } from '../domain/ids.ts';
import { allRows } from './pages.ts';
import { oneLine } from './render/printable.ts';
import { whichSession } from './watch/which-session.ts';

const WHOLE = /^apr_[0-9a-z]{26}$/;

/** `approval_not_found` when there is none; `usage_invalid` when several begin like this. */
export async function findApproval(client: Client, said: string): Promise<Approval> {
  if (WHOLE.test(said)) return client.approvals.show({ approval_id: said });
  if (said === 'latest') return onlyOne(await waiting(client, undefined));
  if (said.startsWith(`${ID_PREFIXES.session}_`))
    return onlyOne(await waiting(client, await whichSession(client, said)));
  const beginning = said.startsWith('apr_') ? said : `apr_${said}`;
  const found = (await allRows((page) => client.approvals.list(page))).filter(({ id }) => id.startsWith(beginning));
  const [first, ...others] = found;
  if (!first) throw new TackError('approval_not_found', `There is no approval ${JSON.stringify(said)}.`);
  if (others.length > 0)
    throw new TackError(
      'usage_invalid',
      `${JSON.stringify(said)} may be ${found.map(({ id, title }) => `${id} (${oneLine(title, 40)})`).join(', ')}. Say more of the id.`,
    );
  return first;
}

const waiting = (client: Client, session: { readonly id: string } | undefined): Promise<readonly Approval[]> =>
  allRows((page) =>
    client.approvals.list({ ...page, status: 'pending' as const, ...(session && { session_id: session.id }) }),
  );

/** Nobody answers what they did not name, when there is a choice. */
function onlyOne(found: readonly Approval[]): Approval {
  const [first, ...others] = found;
  if (!first) throw new TackError('approval_not_found', 'Nothing waits for an answer there.');
  if (others.length > 0)
    throw new TackError(
      'usage_invalid',
      `${found.length} wait: ${found.map(({ id, title }) => `${id} (${oneLine(title, 40)})`).join(', ')}. Say which.`,
    );
  return first;
}
