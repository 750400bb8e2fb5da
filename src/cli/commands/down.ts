import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'down',
  summary: 'Stop the roles.',
  examples: ['tack down', 'tack down && tack up'],
  input: z.strictObject({}),
  async run(_input, { config, out }) {
    const { stopGroup } = await import('../../supervisor/start-group.ts');
    const stopped = await stopGroup(config);
    if (out.json) out.object({ object: 'down', stopped, data_folder: config.data_folder });
    else if (stopped) out.line('Stopped. Sessions go on where they were with the next `tack up`.');
    else out.say(`Nothing runs for ${config.data_folder}.`);
    return EXIT.ok;
  },
});
