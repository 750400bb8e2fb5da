/** A session's log as it lies on the disk, read by SQLite alone: an oracle that needs no process of ours, and none of our code. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface StoredEvent {
  readonly seq: number;
  readonly type: string;
  readonly turn_id: string | null;
  readonly created_at: string;
  readonly prev_hash: string;
  readonly data: Readonly<Record<string, unknown>>;
}
interface Row {
  readonly seq: number;
  readonly body: string;
  readonly hash: string;
}

/** The events in order. Throws where the chain is broken, or content is not what its digest says. */
export function storedLog(home: string, session_id: string): readonly StoredEvent[] {
  const store = new DatabaseSync(join(home, 'store.db'), { readOnly: true });
  try {
    store.exec('begin'); // one moment of it, whoever writes meanwhile
    const rows = store
      .prepare('select seq, body, hash from event where log_id = ? order by seq')
      .all(session_id) as unknown as readonly Row[];
    let last = { seq: 0, hash: sha256(`tackroom/1/${session_id}`) };
    const events = rows.map(({ seq, body, hash }) => {
      const event = JSON.parse(body) as StoredEvent;
      if (seq !== last.seq + 1 || event.seq !== seq) throw new Error(`Event ${seq} follows ${last.seq}.`);
      if (event.prev_hash !== last.hash) throw new Error(`Event ${seq} does not follow the one before it.`);
      if (hash !== sha256(last.hash + body)) throw new Error(`Event ${seq} is not what was hashed.`);
      for (const digest of body.matchAll(/"\$blob":"([0-9a-f]{64})"/g)) assertBlob(store, home, digest[1] ?? '');
      last = { seq, hash };
      return event;
    });
    const head = store.prepare('select seq, hash from head where log_id = ?').get(session_id);
    if (head && (head['seq'] as number) > last.seq) throw new Error(`The head is at ${String(head['seq'])}.`);
    return events;
  } finally {
    store.close();
  }
}

function assertBlob(store: DatabaseSync, home: string, digest: string): void {
  const row = store.prepare('select content from blob where digest = ?').get(digest);
  const file = join(home, 'blobs', digest.slice(0, 2), digest);
  const content = row ? (row['content'] as Uint8Array) : existsSync(file) ? readFileSync(file) : null;
  if (content === null || sha256(content) !== digest) throw new Error(`The content ${digest} is lost or another one.`);
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
