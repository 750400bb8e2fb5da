/** A writer to be killed: appends to one log for ever, and says on stdout what it begins and what was acknowledged. What may go better is tried again under its key. */
import { writeSync } from 'node:fs';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';
import { ERROR_KINDS, isTackError } from '../../../src/domain/errors.ts';
import { openStore } from '../../../src/store/index.ts';
import { batchOf } from './batch.ts';

const [folder = '', log_id = '', writer = '', from = '0', url = '', epoch] = process.argv.slice(2);
const say = (line: string): number => writeSync(1, `${line}\n`);

say('opening');
const store = await openStore({ data_folder: folder, database_url: DatabaseUrl.parse(url) });
for (let n = Number(from); ;) {
  say(`begins ${n}`);
  try {
    const key = `${writer}/${n}`;
    const { first_seq, head_seq } = await store.log.append(
      log_id,
      epoch ? Number(epoch) : null,
      key,
      batchOf(writer, n),
    );
    say(`done ${n} ${first_seq} ${head_seq}`);
    n += 1;
  } catch (error) {
    if (!isTackError(error)) throw error;
    say(`refused ${n} ${error.code}`);
    if (!ERROR_KINDS[error.code].retryable) process.exit(3);
  }
}
