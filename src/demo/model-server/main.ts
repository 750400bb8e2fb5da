/** The model server as a command: `node src/demo/model-server/main.ts [--port N] [--record FILE]`; its address is the first line of stdout. */
import { parseArgs } from 'node:util';
import { startModelServer } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string' }, record: { type: 'string' } } });
const server = await startModelServer({
  port: Number(values.port ?? 0),
  ...(values.record !== undefined && { record_file: values.record }),
});
process.stdout.write(`${server.url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => void server.close().then(() => process.exit(0)));
