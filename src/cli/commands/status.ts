import { z } from 'zod';
import type { Info } from '../../api/contract/info.ts';
import type { RoomState } from '../../api/contract/state.ts';
import { EXIT, isTackError, type ExitCode } from '../../domain/errors.ts';
import type { GroupStatus } from '../../domain/wires/supervisor.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { diskUse } from '../disk.ts';
import { rssOf } from '../memory.ts';
import { roleTable, urlOf } from '../role-table.ts';
import { diskText, stateText } from '../state-text.ts';

export const command = defineCommand({
  name: 'status',
  summary: 'Show the roles, what waits, and what is stuck.',
  examples: [
    'tack status',
    'tack status --json | jq .stuck',
    "tack status --json | jq '.roles[] | select(.restarts > 0)'",
  ],
  input: z.strictObject({}),
  async run(_input, context) {
    const { config, out } = context;
    if (config.server) {
      const { client } = await context.connect();
      return remote(await client.info.show(), await client.state.show(), context);
    }
    const { groupStatus } = await import('../../supervisor/control.ts');
    const group = await groupStatus(config.run_folder);
    if (group) return here(group, await stateOf(context), context);
    if (out.json) out.object({ object: 'status', running: false, data_folder: config.data_folder });
    else {
      out.line(`${out.colors.dim('○')} Nothing runs for ${config.data_folder}.`);
      out.say('  Start it with `tack up`.');
    }
    return EXIT.unreachable;
  },
});

/** Null while the server does not answer: what the supervisor knows is shown all the same. */
async function stateOf(context: Context): Promise<RoomState | null> {
  try {
    return await (await context.connect()).client.state.show({}, { signal: AbortSignal.timeout(STATE_WITHIN_MS) });
  } catch (error) {
    if (isTackError(error) || (error instanceof Error && error.name === 'TimeoutError')) return null;
    throw error;
  }
}
const STATE_WITHIN_MS = 10_000;

/** 0 when every role works, 1 when one does not. */
function here(group: GroupStatus, state: RoomState | null, { out, config }: Context): ExitCode {
  const { colors, is_terminal } = out;
  const url = urlOf(group);
  const roles = group.roles.map((role) => ({ ...role, rss_bytes: rssOf(role.pid) }));
  const disk = diskUse(group.data_folder);
  if (out.json) {
    const { roles: _seen, object: _object, ...seen } = state ?? UNKNOWN;
    out.object({ object: 'status', running: true, url, ...group, roles, disk, ...seen });
  } else {
    const mark = group.ready ? colors.green('●') : colors.yellow('◐');
    out.line(`${mark} Tackroom ${group.version}, supervisor ${group.pid}: ${colors.bold(url ?? 'no server yet')}`);
    out.line(`  data folder  ${group.data_folder}`);
    out.line(`  engine       ${group.temporal_address ?? '–'}, namespace ${config.temporal.namespace}`);
    const width = is_terminal ? (process.stdout.columns ?? 80) - 2 : null;
    const look = { colors, now_ms: Date.now(), width };
    for (const line of roleTable(roles, look)) out.line(`  ${line}`);
    if (state === null) out.line(`  ${colors.red('✗')} The server does not answer: sessions and queues are not known.`);
    for (const line of [...(state ? stateText(state, look) : []), diskText(disk)]) out.line(`  ${line}`);
  }
  return group.ready ? EXIT.ok : EXIT.failed;
}

const UNKNOWN = {
  object: 'state',
  roles: [],
  sessions: null,
  queues: null,
  leases: null,
  oldest_approval: null,
  oldest_prompt: null,
  stuck: null,
} as const;

/** A server elsewhere says what it sees of the roles. */
function remote(info: Info, state: RoomState, { out, config }: Context): ExitCode {
  const ready = info.roles.every(({ ok }) => ok);
  if (out.json) {
    const { roles: _seen, object: _object, ...seen } = state;
    out.object({ running: true, url: config.server?.url, ...info, ...seen });
  } else {
    out.line(`${ready ? '●' : '◐'} Tackroom ${info.version}: ${config.server?.url ?? ''}`);
    for (const { role, ok, detail } of info.roles) out.line(`  ${role.padEnd(8)} ${ok ? 'ok' : 'not ok'}  ${detail}`);
    const width = out.is_terminal ? (process.stdout.columns ?? 80) - 2 : null;
    for (const line of stateText(state, { colors: out.colors, now_ms: Date.now(), width })) out.line(`  ${line}`);
  }
  return ready ? EXIT.ok : EXIT.failed;
}
