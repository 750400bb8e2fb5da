/** One moment of the store and of the engine's database beside it, whoever writes: what a backup shows. */
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { backup } from 'node:sqlite';
import { isBusy, storeFailure } from './failure.ts';
import { DatabaseSync } from './node-sqlite.ts';

export interface MomentFiles {
  readonly store: string;
  readonly engine: string;
}

/** Who may change the folder of a session: whoever holds its lease, and nobody else. */
export interface LeaseSeen {
  readonly epoch: number;
  readonly is_held: boolean;
}

export interface Moment {
  leases(): ReadonlyMap<string, LeaseSeen>;
  /** Lets the writers go on. What is copied afterwards is still the moment. */
  letGo(): void;
  /** Both databases as they were, each as one whole file. */
  copyTo(files: MomentFiles): Promise<void>;
  close(): void;
}

const LOCK_WAIT_MS = 10_000;

/**
 * Holds every writer of the store. No append is acknowledged meanwhile, so nothing that the engine knows as done is missing in the store,
 * and whatever the store has was ordered by an engine that knows so: the pair is what a power cut would have left. `store_unavailable`.
 */
export async function holdStill(files: MomentFiles): Promise<Moment> {
  const open: DatabaseSync[] = [];
  const connect = (file: string, readOnly: boolean): DatabaseSync => {
    const raw = new DatabaseSync(file, { readOnly });
    open.push(raw);
    raw.exec(`pragma busy_timeout = ${readOnly ? LOCK_WAIT_MS : 0}`);
    return raw;
  };
  const close = (): void => {
    for (const raw of open) if (raw.isOpen) raw.close();
  };
  try {
    const writer = connect(files.store, false);
    await begin(writer);
    const [store, engine] = [connect(files.store, true), connect(files.engine, true)];
    for (const raw of [store, engine]) {
      raw.exec('begin');
      raw.prepare('select count(*) from sqlite_master').get(); // a transaction begins with its first look
    }
    return {
      close,
      leases: () => leasesIn(store),
      letGo: () => writer.close(),
      async copyTo(to) {
        await backup(store, to.store, { rate: PAGES });
        await backup(engine, to.engine, { rate: PAGES });
      },
    };
  } catch (error) {
    close();
    throw storeFailure(error, basename(files.store));
  }
}

/** Of one step of a copy: what was pinned is read, so nobody has to be let in between. */
const PAGES = 10_000;

async function begin(writer: DatabaseSync): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;)
    try {
      return writer.exec('begin immediate');
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await setTimeout(1);
    }
}

/** As they are now, without holding anybody. */
export function leasesNow(store: string): ReadonlyMap<string, LeaseSeen> {
  const raw = new DatabaseSync(store, { readOnly: true });
  try {
    raw.exec(`pragma busy_timeout = ${LOCK_WAIT_MS}`);
    return leasesIn(raw);
  } catch (error) {
    throw storeFailure(error, basename(store));
  } finally {
    raw.close();
  }
}

const leasesIn = (raw: DatabaseSync): ReadonlyMap<string, LeaseSeen> =>
  new Map(
    raw
      .prepare('select session_id, epoch, released_at from lease')
      .all()
      .map((row) => [String(row['session_id']), { epoch: Number(row['epoch']), is_held: row['released_at'] === null }]),
  );

/** In a restored store: no process of before lives. Whoever held a lease is dead, no host is known, no slot is taken. */
export function forgetProcesses(store: string): void {
  const raw = new DatabaseSync(store);
  try {
    raw.exec(
      `begin immediate; update lease set holder = '0.0' where released_at is null; delete from host; delete from slot; commit`,
    );
  } catch (error) {
    throw storeFailure(error, basename(store));
  } finally {
    raw.close();
  }
}
