/** The event log, put together. */
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { BlobFiles } from '../blobs/files.ts';
import type { Database } from '../database.ts';
import { createAppend } from './append.ts';
import { createReading } from './read.ts';
import type { StampParts } from './stamp.ts';
import { createVerify } from './verify.ts';
import { createWatchers } from './watch.ts';

interface LogParts extends StampParts {
  readonly db: Database;
  readonly files: BlobFiles;
}

/** How long an append of another process that sends no wake-up stays unseen (ms). */
const LOOK_EVERY_MS = 250;

export function createLog(parts: LogParts): EventLog & { close(): void } {
  const { db, files, sha256 } = parts;
  const { watch, poke, appended, close } = createWatchers(db.read, LOOK_EVERY_MS);
  const reading = { read: db.read, files, sha256 };
  return {
    append: createAppend({ ...parts, appended }),
    ...createReading(reading),
    verify: createVerify(reading),
    watch,
    poke,
    close,
  };
}
