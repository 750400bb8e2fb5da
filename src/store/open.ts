/** The store of one data folder, opened by as many processes as there are. */
import type { Sha256 } from '../domain/canonical.ts';
import type { Blobs, EventLog } from '../domain/ports/event-log.ts';
import type { Hosts, Leases } from '../domain/ports/leases.ts';
import type { Projections } from '../domain/ports/projections.ts';
import type { Archive, Records } from '../domain/ports/records.ts';
import { createArchive } from './archive.ts';
import { createBlobs } from './blobs/blobs.ts';
import { createBlobFiles } from './blobs/files.ts';
import type { Database } from './database.ts';
import { createHosts } from './hosts.ts';
import { createLeases } from './leases.ts';
import { createLog } from './log/log.ts';
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
  /** Waits for what is being written. */
  close(): Promise<void>;
}

interface StoreParts {
  /** Folder of the large blobs. */
  readonly blobs_dir: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly sha256: Sha256;
}

interface SqliteParts extends StoreParts {
  readonly file: string;
  /** How long a write waits for those of other processes. */
  readonly lock_wait_ms?: number;
}

/** On SQLite. Throws `store_unavailable`, `store_corrupt` or `store_version`. */
export function openStore({ file, lock_wait_ms, ...parts }: SqliteParts): Store {
  return storeOn(connectSqlite({ file, ...parts, ...(lock_wait_ms !== undefined && { lock_wait_ms }) }), parts);
}

/** On any database that keeps the contract. */
export function storeOn(db: Database, { blobs_dir, clock, random, sha256 }: StoreParts): Store {
  const now = (): string => new Date(clock()).toISOString();
  const files = createBlobFiles(blobs_dir, () => Buffer.from(random(8)).toString('hex'));
  const { close: stopLooking, ...log } = createLog({ db, files, clock, random, sha256 });
  return {
    log,
    blobs: createBlobs({ db, files }),
    leases: createLeases({ db, now }),
    hosts: createHosts({ db, clock }),
    records: createRecords({ db, now }),
    archive: createArchive(db),
    projections: createProjections({ read: db.read, files }),
    async close() {
      stopLooking();
      await db.close();
    },
  };
}
