import { z } from 'zod';
import type { Check } from '../../doctor/index.ts';
import { EXIT, TackError } from '../../domain/errors.ts';
import { nearest } from '../../domain/nearest.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';
import { printable } from '../render/printable.ts';

export const command = defineCommand({
  name: 'doctor',
  summary: 'Check this machine, and say what mends it.',
  arguments: [['[checks...]', 'only these: sandbox, harnesses, credentials …; none: all']],
  examples: ['tack doctor', 'tack doctor sandbox', 'tack doctor --json | jq -r \'select(.state == "failed") | .fix\''],
  input: z.strictObject({ checks: z.array(z.string()).default([]) }),
  async run({ checks }, { config, out }) {
    const { CHECKS, diagnose } = await import('../../doctor/index.ts');
    for (const name of checks) if (!CHECKS.includes(name)) throw unknown(name, CHECKS);
    const seen: Check[] = [];
    for await (const check of diagnose(config, checks.length > 0 ? checks : CHECKS)) {
      seen.push(check);
      show(check, out);
    }
    const bad = seen.filter(({ state }) => state === 'failed').length;
    if (!out.json)
      out.line(bad === 0 ? 'This machine can run Tackroom.' : `${bad} of ${seen.length} checks failed. → mends each.`);
    return bad === 0 ? EXIT.ok : EXIT.failed;
  },
});

function show({ check, state, found, fix }: Check, out: Output): void {
  if (out.json) return out.object({ object: 'check', check, state, found, fix });
  const { green, yellow, red, dim } = out.colors;
  const sign = { ok: green('✓'), warning: yellow('!'), failed: red('✗') }[state];
  out.line(`${sign} ${check.replace('_', ' ').padEnd(12)} ${printable(found)}`);
  if (fix !== null) out.line(`  ${dim(`→ ${fix}`)}`);
}

function unknown(name: string, known: readonly string[]): TackError {
  const near = nearest(name, known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return new TackError('usage_invalid', `There is no check ${name}.${hint} There are: ${known.join(', ')}.`);
}
