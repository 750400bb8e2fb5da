/** A writer to be killed: appends to one log for ever, and says on stdout what it begins and what was acknowledged. */
import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';

const [folder = '', log_id = '', writer = '', from = '0'] = process.argv.slice(2);
const say = (line: string): number => writeSync(1, `${line}\n`);

say('opening');
const store = openStore({
  file: join(folder, 'store.db'),
  blobs_dir: join(folder, 'blobs'),
  clock: Date.now,
  random: randomBytes,
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
});
for (let n = Number(from); ; n++) {
  say(`begins ${n}`);
  const { first_seq, head_seq } = await store.log.append(log_id, null, `${writer}/${n}`, batchOf(writer, n));
  say(`done ${n} ${first_seq} ${head_seq}`);
}
