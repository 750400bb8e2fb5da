import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { inBytes } from '../render/amounts.ts';
import { defineCommand } from '../command.ts';
import { printable } from '../render/printable.ts';

export const command = defineCommand({
  name: 'gc',
  summary: 'Remove what is not needed any more, and nothing that is nowhere else.',
  options: [
    ['--dry-run', 'only say what would go, what would stay, and why'],
    ['--ignored', 'files that git ignores are no work: they go with their session'],
  ],
  examples: ['tack gc --dry-run', 'tack down && tack gc && tack up', "tack gc --dry-run --json | jq 'select(.goes)'"],
  input: z.strictObject({ dryRun: z.boolean().default(false), ignored: z.boolean().default(false) }),
  async run({ dryRun: dry_run, ignored }, { config, out }) {
    const { collect } = await import('../../upkeep/gc/collect.ts');
    let [bytes, gone] = [0, 0];
    for await (const found of collect({ config, dry_run, ignored_may_go: ignored, now_ms: Date.now() })) {
      if (found.goes) [bytes, gone] = [bytes + found.bytes, gone + 1];
      if (out.json) out.object({ object: 'garbage', ...found });
      else {
        const verb = found.goes ? out.colors.yellow(dry_run ? 'would go' : 'removed ') : out.colors.green('stays   ');
        out.line(`${verb}  ${printable(found.name)}  ${inBytes(found.bytes)}`);
        out.line(`          ${printable(found.why)}`);
      }
    }
    if (out.json) out.object({ object: 'gc', dry_run, bytes, count: gone });
    else out.line(gone === 0 ? 'Nothing to remove.' : `${inBytes(bytes)} ${dry_run ? 'would be freed' : 'freed'}.`);
    if (config.database_url !== null && !out.json)
      out.say('The store is on Postgres: its contents and keys were not looked at.');
    return EXIT.ok;
  },
});
