/** The role `broker` on a run folder of the test's. */
import { runBroker } from '../../../src/broker.ts';
import { loadConfig } from '../../../src/config.ts';

const run_folder = process.env['TACK_TEST_RUN_FOLDER'] ?? '';
await runBroker({ ...loadConfig({ ...process.env, TACK_HOME: run_folder }), run_folder });
process.exit(0);
