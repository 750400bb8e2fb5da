/** `tack up --foreground` whose worker has one guard less: `unguarded-group.ts GUARD`. */
import { fileURLToPath } from 'node:url';
import { loadConfig, ownEnvironment } from '../../../src/config.ts';
import { ownArgv } from '../../../src/supervisor/program.ts';
import { runGroup } from '../../../src/supervisor/run-group.ts';

const WORKER = fileURLToPath(new URL('unguarded-worker.ts', import.meta.url));
const [guard = ''] = process.argv.slice(2);
await runGroup({
  config: loadConfig(),
  env: ownEnvironment(),
  say: (line) => process.stderr.write(`${line}\n`),
  roleArgv: (role) => (role === 'worker' ? [process.execPath, WORKER, guard] : ownArgv(role)),
});
