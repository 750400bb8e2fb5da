/** Launches one command of the worker's and keeps it, whatever becomes of the worker: `keeper.ts KIND REQUEST`. */
import { createSandbox, type LaunchRequest, type Sandbox } from '../../../src/sandbox/index.ts';

const [kind = 'bubblewrap', request = ''] = process.argv.slice(2);
const sandbox = createSandbox({
  kind: kind as Sandbox['kind'],
  path: process.env['PATH'] ?? '',
  exec_path: process.execPath,
});
const launched = await sandbox.launch(JSON.parse(request) as LaunchRequest);
// the end of the worker's side is no end here
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.stdin.on('data', (bytes) => launched.stdin.write(bytes));
launched.stdout.on('data', (bytes: Buffer) => process.stdout.write(bytes));
launched.stderr.on('data', (bytes: Buffer) => process.stderr.write(bytes));
process.on('SIGTERM', () => void launched.kill());
const { code } = await launched.exited;
process.exit(code ?? 1);
