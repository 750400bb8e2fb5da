/** What every store must do, whatever is behind it. One call of `storeContract` a database. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../../src/store/index.ts';
import { archiveContract } from './contract/archive.ts';
import { blobContract } from './contract/blobs.ts';
import { chainContract } from './contract/chain.ts';
import { hostContract } from './contract/hosts.ts';
import { leaseContract } from './contract/leases.ts';
import { logContract } from './contract/log.ts';
import { projectionContract } from './contract/projections.ts';
import { recordContract } from './contract/records.ts';
import { watchContract } from './contract/watch.ts';

/** An empty database of its own. */
export interface Subject {
  /** Opens the store on it: each call is another process as far as the database can tell. */
  connect(parts: ConnectParts): Promise<Store>;
  /** These bytes as a literal of its SQL. */
  bytes(hex: string): string;
  /** Acts behind the store's back, as somebody who can write its tables. */
  tamper(sql: string): Promise<void>;
  /** Folder of the large blobs. */
  readonly blobs_dir: string;
  /** Every store is closed; nothing may be left. */
  remove(): Promise<void>;
}
export interface ConnectParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What each test of the contract starts with. */
export interface Given {
  readonly store: Store;
  /** What another process would use. */
  readonly other: Store;
  readonly subject: Subject;
  /** The time, until a test moves it. */
  readonly time: { now: number };
}
export type Use = () => Given;

export function storeContract(name: string, open: () => Promise<Subject>): void {
  describe(`the store on ${name}`, () => {
    let given: Given;

    beforeEach(async () => {
      const subject = await open();
      const time = { now: Date.parse('2026-11-24T12:00:00.000Z') };
      const connect = (): Promise<Store> => subject.connect({ clock: () => time.now });
      const [store, other] = await Promise.all([connect(), connect()]); // two starters at once
      given = { store, other, subject, time };
    });
    afterEach(async () => {
      await given.store.close();
      await given.other.close();
      await given.subject.remove();
    });

    for (const part of [
      logContract,
      chainContract,
      watchContract,
      blobContract,
      leaseContract,
      hostContract,
      recordContract,
      archiveContract,
      projectionContract,
    ])
      part(() => given);
  });
}
