/** Which lasting grants were taken back: looked up before each judgement, so that it counts from the very next call. */
import type { Grant } from '../../domain/approval/schema.ts';
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { Records } from '../../domain/ports/records.ts';

/** Of these grants, the ids of those that were taken back. */
export type Revocations = (lasting: readonly Grant[]) => Promise<readonly string[]>;

export interface RevocationParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly records: Pick<Records, 'isGrantRevoked'>;
  readonly session_id: string;
}

const PAGE = 100;

/** Its own session's log says so; one for a project may have been taken back from anywhere: the store says so. */
export function createRevocations({ log, records, session_id }: RevocationParts): Revocations {
  const logged = new Set<string>();
  let seen = 0;

  async function read(): Promise<void> {
    for (;;) {
      const page = await log.read(session_id, { after: seen, limit: PAGE, types: ['grant.revoked'] });
      for (const { data } of page) logged.add(String(data['grant_id']));
      seen = page.at(-1)?.seq ?? seen;
      if (page.length < PAGE) return;
    }
  }

  return async (lasting) => {
    if (lasting.length === 0) return [];
    await read();
    const gone = await Promise.all(
      lasting.map(
        async ({ grant_id, scope }) =>
          logged.has(grant_id) || (scope === 'always' && (await records.isGrantRevoked(grant_id))),
      ),
    );
    return lasting.flatMap(({ grant_id }, n) => (gone[n] ? [grant_id] : []));
  };
}
