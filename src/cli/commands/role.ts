/** `tack server`, `tack worker`, `tack broker`: one role, by the code that `tack up` runs. */
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { EXIT } from '../../domain/errors.ts';
import type { Role } from '../../domain/wires/supervisor.ts';
import { defineCommand } from '../command.ts';

const role = (name: Role, summary: string, run: (config: Config) => Promise<void>) =>
  defineCommand({
    name,
    summary,
    examples: [`TEMPORAL_ADDRESS=127.0.0.1:7233 tack ${name}`],
    input: z.strictObject({}),
    async run(_input, { config }) {
      if (config.lifeline_fd === null) {
        const { prepareAlone } = await import('../../supervisor/alone.ts');
        await prepareAlone(name, config);
      }
      await run(config);
      return EXIT.ok;
    },
  });

export const server = role('server', 'Run the server alone.', async (config) =>
  (await import('../../server.ts')).runServer(config),
);
export const worker = role('worker', 'Run a worker alone.', async (config) =>
  (await import('../../worker.ts')).runWorker(config),
);
export const broker = role('broker', 'Run the broker alone.', async (config) =>
  (await import('../../broker.ts')).runBroker(config),
);
