/** Walks the logs of a data folder, running or not: what `tack audit verify` does. */
import { connectEngine, type EngineAddress } from '../api/engine/index.ts';
import type { DatabaseUrl } from '../domain/database-url.ts';
import { TackError } from '../domain/errors.ts';
import { openAudit, type Audited } from '../store/index.ts';
import { engineHeads } from './engine-heads.ts';

export type { Audited } from '../store/index.ts';

export interface AuditWish {
  readonly data_folder: string;
  readonly database_url: DatabaseUrl | null;
  /** Asked what it knows of each log; null: the store alone is looked at. */
  readonly engine: EngineAddress | null;
  /** An id, or an unambiguous beginning of one; null: every log. */
  readonly session: string | null;
}

/** Yields a log after the other. Throws `session_not_found`, `usage_invalid`, `engine_unavailable`, and what opening a store throws. */
export async function* audited({ engine, session, ...where }: AuditWish): AsyncGenerator<Audited> {
  const store = await openAudit(where);
  const connected = engine && connectEngine(engine);
  try {
    const logs = await store.logs();
    for (const log_id of session === null ? logs : [meant(session, logs)])
      yield await store.audit(log_id, connected ? await engineHeads(connected.client, log_id) : []);
  } finally {
    await store.close();
    await connected?.close();
  }
}

function meant(said: string, logs: readonly string[]): string {
  const beginning = said.startsWith('ses_') ? said : `ses_${said}`;
  const found = logs.includes(beginning) ? [beginning] : logs.filter((id) => id.startsWith(beginning));
  const [first, ...others] = found;
  if (first === undefined) throw new TackError('session_not_found', `The store has no log of ${JSON.stringify(said)}.`);
  if (others.length === 0) return first;
  throw new TackError(
    'usage_invalid',
    `${JSON.stringify(said)} may be ${found.slice(0, 5).join(', ')}. Say more of the id.`,
  );
}
