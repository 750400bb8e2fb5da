import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { inBytes } from '../render/amounts.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../render/printable.ts';

export const command = defineCommand({
  name: 'backup',
  summary: 'Bring everything of a data folder into one file, while it runs.',
  arguments: [['[where]', 'the file, or a folder for it; none: this folder']],
  examples: ['tack backup', 'tack backup /mnt/backups', 'tack backup room.tar.zst --json | jq .bytes'],
  input: z.strictObject({ where: z.string().min(1).optional() }),
  async run({ where = '.' }, { config, cwd, out }) {
    const { backUp } = await import('../../upkeep/backup/backup.ts');
    const { ownVersion } = await import('../../supervisor/program.ts');
    const file = fileIn(resolve(cwd, where));
    const made = await backUp({ config, file, tackroom: ownVersion() });
    if (out.json) out.object({ object: 'backup', ...made });
    else {
      out.line(`${out.colors.green('✓')} ${made.file}: ${inBytes(made.bytes)}, ${made.sessions} sessions`);
      out.line(`  took ${(made.took_ms / 1000).toFixed(1)} s; writers waited ${made.held_ms} ms`);
      out.line('  without the API token, logs of the roles and keys: a restored folder makes its own token');
    }
    for (const path of made.left_out) out.say(`Left out, it cannot be read: ${printable(path)}`);
    return EXIT.ok;
  },
});

function fileIn(where: string): string {
  if (!existsSync(where) || !statSync(where).isDirectory()) return where;
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return join(where, `tackroom-${stamp}.tar.zst`);
}
