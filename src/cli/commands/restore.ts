import { resolve } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../render/printable.ts';

export const command = defineCommand({
  name: 'restore',
  summary: 'Make a data folder of a backup.',
  arguments: [['<file>', 'what `tack backup` made; it is verified before anything is touched']],
  examples: ['TACK_HOME=/srv/tackroom tack restore room.tar.zst', 'tack restore room.tar.zst && tack up'],
  input: z.strictObject({ file: z.string().min(1) }),
  async run({ file }, { config, cwd, out }) {
    const { restore } = await import('../../upkeep/restore/restore.ts');
    const restored = await restore(config, resolve(cwd, file));
    if (out.json) out.object({ object: 'restore', ...restored });
    else {
      const { data_folder, made_at, sessions, from, took_ms } = restored;
      out.line(
        `${out.colors.green('✓')} ${data_folder}: as ${printable(from)} was at ${printable(made_at)}, ${sessions} sessions`,
      );
      out.line(`  verified and written in ${(took_ms / 1000).toFixed(1)} s`);
      out.line(
        `  ${out.colors.dim('`tack up` goes on with them. Stop the room that it was made of: both would do the same work.')}`,
      );
    }
    return EXIT.ok;
  },
});
