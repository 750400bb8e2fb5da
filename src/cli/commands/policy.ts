import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Client } from '../../api/contract/client.ts';
import { EXIT, TackError } from '../../domain/errors.ts';
import type { SessionPolicy } from '../../domain/policy/schema.ts';
import { parseSessionPolicy } from '../../domain/spec/parse.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';
import { oneLine } from '../render/printable.ts';
import { whichSession } from '../watch/which-session.ts';

const Input = z
  .strictObject({ what: z.enum(['set', 'show']), id: z.string().min(1), file: z.string().min(1).optional() })
  .refine(({ what, file }) => what === 'show' || file !== undefined, {
    message: 'Name the file with the rules.',
    path: ['file'],
  })
  .refine(({ what, file }) => what === 'set' || file === undefined, {
    message: '`show` takes no file.',
    path: ['file'],
  });

export const command = defineCommand({
  name: 'policy',
  summary: 'Make a session stricter.',
  arguments: [
    ['<what>', 'set: the rules of the file, in place of those before; show: what was set'],
    ['<id>', 'the session, an unambiguous beginning of its id, or latest'],
    ['[file]', 'YAML with `rules:` that ask or deny; nothing in it may loosen'],
  ],
  examples: ['tack policy set latest ./stricter.yaml', 'tack policy show ses_01…'],
  input: Input,
  async run({ what, id, file }, context) {
    const { out } = context;
    const policy = what === 'set' ? rulesIn(file ?? '', context.cwd) : null;
    const { client } = await context.connect();
    const session = await whichSession(client, id);
    const answer = policy
      ? await client.sessions.setPolicy({ session_id: session.id, body: policy })
      : await client.sessions.policy({ session_id: session.id });
    if (out.json) out.object(answer);
    else show(answer, out);
    if (policy) out.say('Every call from now on is judged by them, also one that waits for an answer.');
    return EXIT.ok;
  },
});

/** Checked before anything is said to anybody: mistakes with file, line and column. */
function rulesIn(said: string, cwd: string): SessionPolicy {
  const path = resolve(cwd, said);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new TackError('usage_invalid', `There is no file ${path}.`);
  return parseSessionPolicy(readFileSync(path, 'utf8'), said);
}

type Answer = Awaited<ReturnType<Client['sessions']['policy']>>;

function show({ session_id, rules }: Answer, out: Output): void {
  if (rules.length === 0) return out.line(`${session_id} has no rules of its own.`);
  out.line(`${session_id} has ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} of its own:`);
  for (const { effect, name, reason } of rules as SessionPolicy['rules'])
    out.line(`  ${effect.padEnd(4)}  ${oneLine(name, 60)}: ${oneLine(reason, 200)}`);
}
