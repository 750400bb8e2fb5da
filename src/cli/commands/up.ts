import { z } from 'zod';
import { ownEnvironment } from '../../config.ts';
import { EXIT } from '../../domain/errors.ts';
import type { GroupStatus } from '../../domain/wires/supervisor.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output.ts';
import { urlOf } from '../role-table.ts';

export const command = defineCommand({
  name: 'up',
  summary: 'Start the roles on this machine.',
  options: [['--foreground', 'stay, and stop the roles when this ends: for service managers']],
  examples: ['tack up', 'tack up --foreground', 'TEMPORAL_ADDRESS=127.0.0.1:7233 tack up'],
  input: z.strictObject({ foreground: z.boolean().default(false) }),
  async run({ foreground }, { config, out }) {
    if (foreground) {
      const { runGroup } = await import('../../supervisor/run-group.ts');
      await runGroup({ config, env: ownEnvironment(), say: (line) => out.say(`${new Date().toISOString()} ${line}`) });
      return EXIT.ok;
    }
    const { startGroup } = await import('../../supervisor/start-group.ts');
    const { status, is_new } = await startGroup(config, out);
    if (out.json) out.object({ object: 'group', is_new, url: urlOf(status), ...status });
    else show(status, is_new, out);
    const { ownVersion } = await import('../../supervisor/program.ts');
    if (status.version !== ownVersion())
      out.say(
        `It is version ${status.version}, this is ${ownVersion()}: \`tack down && tack up\` brings it up to date.`,
      );
    return EXIT.ok;
  },
});

function show(status: GroupStatus, is_new: boolean, out: Output): void {
  const { colors } = out;
  out.line(`${colors.green('●')} Tackroom ${is_new ? 'runs' : 'runs already'}: ${colors.bold(urlOf(status) ?? '')}`);
  out.line(`  data folder  ${status.data_folder}`);
  out.line(`  roles        ${status.roles.map(({ role, pid, detail }) => `${role} ${pid ?? detail}`).join(', ')}`);
  out.line(`  ${colors.dim('tack status shows them, tack down stops them')}`);
}
