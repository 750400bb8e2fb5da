/** The store of one data folder, opened by as many processes as there are. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Sha256 } from '../domain/canonical.ts';
import type { Blobs, EventLog } from '../domain/ports/event-log.ts';
import type { Hosts, Leases } from '../domain/ports/leases.ts';
import type { Census } from '../domain/ports/oversight.ts';
import type { Projections } from '../domain/ports/projections.ts';
import type { Archive, Records } from '../domain/ports/records.ts';
import { createArchive } from './archive.ts';
import { createBlobs } from './blobs/blobs.ts';
import { createBlobFiles } from './blobs/files.ts';
import type { Database } from './database.ts';
import { createHosts } from './hosts.ts';
import { createLeases } from './leases.ts';
import { createLog } from './log/log.ts';
import { keepTo, refuseLost, refuseOtherKind, sqliteFile, type Where } from './place.ts';
import { createCensus } from './projections/census.ts';
import { createProjections } from './projections/projections.ts';
import { createRecords } from './records.ts';
import { connectSqlite } from './sqlite/connect.ts';

export interface Store {
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly leases: Leases;
  readonly hosts: Hosts;
  readonly records: Records;
  readonly archive: Archive;
  readonly projections: Projections;
  readonly census: Census;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** How long a write waits for those of other processes, and for a server that is away. */
  readonly lock_wait_ms?: number;
}

/** The one way to a store. Throws `store_unavailable`, `store_corrupt`, `store_version` or `store_elsewhere`; nothing stays open then. */
export async function openStore(where: Where, { clock = Date.now, lock_wait_ms }: StoreOptions = {}): Promise<Store> {
  const { data_folder, database_url } = where;
  refuseOtherKind(where);
  refuseLost(where);
  const parts = { clock, sha256, ...(lock_wait_ms !== undefined && { lock_wait_ms }) };
  if (!database_url) return storeOn(connectSqlite({ file: sqliteFile(data_folder), ...parts }), where, clock);
  const { connectPostgres } = await import('./postgres/connect.ts'); // its library is loaded where it is used
  const { store_id, ...db } = await connectPostgres({ url: database_url, ...parts });
  try {
    keepTo(data_folder, { store_id, at: database_url.shown });
    return storeOn(db, where, clock);
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Large blobs are files, whatever keeps the rows. */
export const blobsFolder = (data_folder: string): string => join(data_folder, 'blobs');

const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex');

function storeOn(db: Database, { data_folder }: Where, clock: () => number): Store {
  const now = (): string => new Date(clock()).toISOString();
  const files = createBlobFiles(blobsFolder(data_folder), () => randomBytes(8).toString('hex'));
  const { close: stopLooking, ...log } = createLog({ db, files, clock, random: randomBytes, sha256 });
  return {
    log,
    blobs: createBlobs({ db, files }),
    leases: createLeases({ db, now }),
    hosts: createHosts({ db, clock }),
    records: createRecords({ db, now }),
    archive: createArchive(db),
    projections: createProjections({ read: db.read, files }),
    census: createCensus(db.read),
    async close() {
      stopLooking();
      await db.close();
    },
  };
}
