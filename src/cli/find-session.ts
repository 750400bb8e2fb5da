/** A session as people name it: its id, an unambiguous beginning of it, or `latest`. */
import type { Client } from '../api/contract/client.ts';
import type { Session } from '../api/contract/session.ts';
import { TackError } from '../domain/errors.ts';
import { allRows } from './pages.ts';
import { oneLine } from './render/printable.ts';

const WHOLE = /^ses_[0-9a-z]{26}$/;

/** `session_not_found` when there is none; `usage_invalid` when several begin like this. */
export async function findSession(client: Client, said: string): Promise<Session> {
  if (said === 'latest') return latest(client);
  if (WHOLE.test(said)) return client.sessions.show({ session_id: said });
  const beginning = said.startsWith('ses_') ? said : `ses_${said}`;
  const found = (await allRows((page) => client.sessions.list(page))).filter(({ id }) => id.startsWith(beginning));
  const [first, ...others] = found;
  if (!first) throw new TackError('session_not_found', `There is no session ${JSON.stringify(said)}.`);
  if (others.length > 0)
    throw new TackError(
      'usage_invalid',
      `${JSON.stringify(said)} may be ${found.map(({ id, title }) => `${id} (${oneLine(title, 40)})`).join(', ')}. Say more of the id.`,
    );
  return first;
}

async function latest(client: Client): Promise<Session> {
  const [newest] = (await client.sessions.list({ limit: 1 })).data;
  if (!newest) throw new TackError('session_not_found', 'There is no session yet. Start one: `tack run "…"`.');
  return newest;
}
