/** A process that tries one thing after the other on a store, and says on stdout what came of each. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isTackError } from '../../../src/domain/errors.ts';
import { openStore, type Store } from '../../../src/store/index.ts';
import { message, SESSION } from './contract/an-event.ts';

const [folder = '', ...steps] = process.argv.slice(2);
const filler = join(folder, 'filler');
let store: Store;

const acts: Readonly<Record<string, (argument: string) => unknown>> = {
  open: async () => {
    store = await openStore({ data_folder: folder }, { lock_wait_ms: 300 });
  },
  append: async (n) => (await store.log.append(SESSION, null, n, [message(`number ${n}`)])).head_seq,
  /** Appends until it is refused. */
  appendOn: async (from) => {
    for (let n = Number(from); ; n++)
      await store.log.append(SESSION, null, `${n}`, [message(`${n}`.padEnd(20_000, '.'))]);
  },
  blob: async (bytes) => (await store.blobs.put('x'.repeat(Number(bytes)))).bytes,
  read: async () => (await store.log.read(SESSION, { after: 0, limit: 10_000 })).length,
  verify: () => store.log.verify(SESSION),
  /** Takes what is left of the disk. */
  fill: () => {
    const fd = openSync(filler, 'w');
    try {
      for (;;) writeSync(fd, Buffer.alloc(4_096));
    } catch {
      closeSync(fd); // that is what we wanted
    }
  },
  unfill: () => rmSync(filler),
};

for (const step of steps) {
  const [name = '', argument = ''] = step.split(':');
  try {
    const result = (await acts[name]!(argument)) ?? null;
    console.log(JSON.stringify({ step: name, result }));
  } catch (error) {
    const { message: said } = error as Error;
    console.log(
      JSON.stringify({ step: name, refused: isTackError(error) ? error.code : String(error), message: said }),
    );
  }
}
