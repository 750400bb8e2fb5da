/** What the store needs of a database: `sqlite/` and `postgres/` give it. Types only. */
import type { Kysely, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export interface Database {
  /** Reading, outside of transactions: everything that was committed before, by any process, is seen. */
  readonly read: Kysely<Tables>;
  /**
   * Runs the work as if nobody else wrote meanwhile what `subject` names (a session with its log, lease and archive; all hosts …), and keeps all
   * of it or nothing. Resolves when it survives a power cut. The work may be run again, also when an earlier run of it was kept and the
   * answer was lost: so it does nothing but through `trx`, and finds what it has done.
   */
  transact<T>(subject: string, work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  /** Waits for the transactions under way. */
  close(): Promise<void>;
}
