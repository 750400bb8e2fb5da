import { z } from 'zod';
import type { Info } from '../../api/contract/info.ts';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import type { GroupStatus } from '../../domain/wires/supervisor.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { roleTable, urlOf } from '../role-table.ts';

export const command = defineCommand({
  name: 'status',
  summary: 'Show the roles.',
  examples: ['tack status', "tack status --json | jq '.roles[] | select(.restarts > 0)'"],
  input: z.strictObject({}),
  async run(_input, context) {
    const { config, out } = context;
    if (config.server) return remote(await (await context.connect()).client.info.show(), context);
    const { groupStatus } = await import('../../supervisor/control.ts');
    const group = await groupStatus(config.run_folder);
    if (group) return here(group, context);
    if (out.json) out.object({ object: 'status', running: false, data_folder: config.data_folder });
    else {
      out.line(`${out.colors.dim('○')} Nothing runs for ${config.data_folder}.`);
      out.say('  Start it with `tack up`.');
    }
    return EXIT.unreachable;
  },
});

/** 0 when every role works, 1 when one does not. */
function here(group: GroupStatus, { out, config }: Context): ExitCode {
  const { colors, is_terminal } = out;
  const url = urlOf(group);
  if (out.json) out.object({ object: 'status', running: true, url, ...group });
  else {
    const mark = group.ready ? colors.green('●') : colors.yellow('◐');
    out.line(`${mark} Tackroom ${group.version}, supervisor ${group.pid}: ${colors.bold(url ?? 'no server yet')}`);
    out.line(`  data folder  ${group.data_folder}`);
    out.line(`  engine       ${group.temporal_address ?? '–'}, namespace ${config.temporal.namespace}`);
    const width = is_terminal ? (process.stdout.columns ?? 80) - 2 : null;
    for (const line of roleTable(group.roles, { colors, now_ms: Date.now(), width })) out.line(`  ${line}`);
  }
  return group.ready ? EXIT.ok : EXIT.failed;
}

/** A server elsewhere says what it sees of the roles. */
function remote(info: Info, { out, config }: Context): ExitCode {
  const ready = info.roles.every(({ ok }) => ok);
  if (out.json) out.object({ running: true, url: config.server?.url, ...info });
  else {
    out.line(`${ready ? '●' : '◐'} Tackroom ${info.version}: ${config.server?.url ?? ''}`);
    for (const { role, ok, detail } of info.roles) out.line(`  ${role.padEnd(8)} ${ok ? 'ok' : 'not ok'}  ${detail}`);
  }
  return ready ? EXIT.ok : EXIT.failed;
}
