/** One writer of the benchmark of appends: two events an append, as a tool call makes them, each with some hundred bytes of content. */
import { setTimeout } from 'node:timers/promises';
import { DatabaseUrl } from '../../src/domain/database-url.ts';
import type { NewEvent } from '../../src/domain/events/new-event.ts';
import { openStore } from '../../src/store/index.ts';

const [folder = '', log_id = '', appends = '0', pause_ms = '0', url = ''] = process.argv.slice(2);

const store = await openStore({ data_folder: folder, database_url: DatabaseUrl.parse(url) });
const took: number[] = [];
for (let n = 0; n < Number(appends); n++) {
  const from = performance.now();
  await store.log.append(log_id, null, `${process.pid}/${n}`, [
    event(n, 'agent.tool_use'),
    event(n, 'agent.tool_result'),
  ]);
  took.push(performance.now() - from);
  if (Number(pause_ms) > 0) await setTimeout(Number(pause_ms));
}
await store.close();
process.send?.(took);

function event(n: number, type: NewEvent['type']): NewEvent {
  const data = { tool_use_id: `tool_${n}`, name: 'Bash', input: { command: `echo ${n}` }, output: `${n}`.repeat(100) };
  return { type, turn_id: 'trn_1', actor: { type: 'agent', id: 'claude-code' }, via: null, data };
}
