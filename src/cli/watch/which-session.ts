/** The session that a person means: its id, the beginning of it, or `latest`. */
import type { Client } from '../../api/contract/client.ts';
import type { Session } from '../../api/contract/session.ts';
import { TackError } from '../../domain/errors.ts';
import { allRows } from '../pages.ts';
import { oneLine } from '../render/printable.ts';

const WHOLE = /^ses_[0-9a-z]{26}$/;

/** `session_not_found`; `usage_invalid` when several begin like this. */
export async function whichSession(client: Client, said: string): Promise<Session> {
  if (WHOLE.test(said)) return client.sessions.show({ session_id: said });
  if (said === 'latest') {
    const { data } = await client.sessions.list({ limit: 1 });
    if (data[0]) return data[0];
    throw new TackError('session_not_found', 'There is no session yet. Start one: `tack run "…"`.');
  }
  const beginning = said.startsWith('ses_') ? said : `ses_${said}`;
  const all = await allRows((page) => client.sessions.list(page));
  const found = all.filter(({ id }) => id.startsWith(beginning));
  const [first, ...others] = found;
  if (!first) throw new TackError('session_not_found', `There is no session ${JSON.stringify(said)}.`);
  const only = others.length === 0 ? first : found.find(({ id }) => id === beginning);
  if (only) return only;
  throw new TackError(
    'usage_invalid',
    `${JSON.stringify(said)} may be ${found.map(({ id, title }) => `${id} (${oneLine(title, 40)})`).join(', ')}. Say more of the id.`,
  );
}
