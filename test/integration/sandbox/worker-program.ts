/**
 * A worker in a process of its own, for tests that kill it. `print REQUEST` prints what the command prints;
 * `start REQUEST` says `starting` before it launches and `started` after.
 */
import { writeSync } from 'node:fs';
import { createSandbox, type LaunchRequest } from '../../../src/sandbox/index.ts';

const [mode, text] = process.argv.slice(2);
const sandbox = createSandbox({ kind: 'bubblewrap', path: process.env['PATH'] ?? '', exec_path: process.execPath });
const request = JSON.parse(text as string) as LaunchRequest;

if (mode === 'start') writeSync(1, 'starting\n');
const running = await sandbox.launch(request);
if (mode === 'start') writeSync(1, 'started\n');
else running.stdout.pipe(process.stdout);
await running.exited;
