/** The role `worker` without one guard: `unguarded-worker.ts GUARD`. */
import { loadConfig } from '../../../src/config.ts';
import { runWorker } from '../../../src/worker.ts';
import type { Guard } from './guards.ts';
import { without } from './without.ts';

const [guard] = process.argv.slice(2);
await runWorker(loadConfig(), (own) => without(guard as Guard, own));
