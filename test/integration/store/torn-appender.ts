/** The control of the kills: a writer that keeps an event and its head one after the other, not in one transaction. */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const raw = new DatabaseSync(process.argv[2] ?? '');
raw.exec(`pragma journal_mode = wal; pragma synchronous = full;
  create table if not exists event (seq integer primary key); create table if not exists head (seq integer)`);
for (let n = 0; ; n++) {
  raw.exec('insert into event (seq) select coalesce(max(seq), 0) + 1 from event');
  raw.exec('delete from head; insert into head (seq) select max(seq) from event');
  writeSync(1, `done ${n}\n`);
}
