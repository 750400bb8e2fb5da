/** A writer to be killed: appends to one log for ever, and says on stdout what it begins and what was acknowledged. */
import { writeSync } from 'node:fs';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';
import { openStore } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';

const [folder = '', log_id = '', writer = '', from = '0', url = ''] = process.argv.slice(2);
const say = (line: string): number => writeSync(1, `${line}\n`);

say('opening');
const store = await openStore({ data_folder: folder, database_url: DatabaseUrl.parse(url) });
for (let n = Number(from); ; n++) {
  say(`begins ${n}`);
  const { first_seq, head_seq } = await store.log.append(log_id, null, `${writer}/${n}`, batchOf(writer, n));
  say(`done ${n} ${first_seq} ${head_seq}`);
}
