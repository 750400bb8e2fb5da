import { join } from 'node:path';
import { z } from 'zod';
import { ownEnvironment, type Config } from '../../config.ts';
import { HARNESS_IDS } from '../../domain/spec/agent.ts';
import { EXIT, TackError } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { typedAs } from '../typed-as.ts';

export const command = defineCommand({
  name: 'demo',
  summary: 'Show the main job: no key, a real approval, a worker killed on the way.',
  options: [
    ['--harness <id>', 'scripted (default), or claude-code: the real one, with a scripted model'],
    ['--keep', 'leave its roles running, to look around'],
  ],
  examples: ['tack demo', 'tack demo --harness claude-code', 'tack demo --json | jq .step'],
  input: z.strictObject({ harness: z.enum(HARNESS_IDS).default('scripted'), keep: z.boolean().default(false) }),
  async run(input, { config, out, may_ask, stdin, cwd }) {
    await mustHave(input.harness, config);
    const { playDemo } = await import('../../demo/demo.ts');
    const { temporalBinary } = await import('../../supervisor/temporal-binary.ts');
    const engine = await temporalBinary({
      override: config.temporal.bin,
      path: config.path,
      tools: join(config.data_folder, 'tools'), // not in the folder of the demo: it would be installed for each
      say: out.say,
    });
    const done = await playDemo({
      ...input,
      data_folder: config.data_folder,
      env: { ...withoutOwn(ownEnvironment()), TACK_TEMPORAL_BIN: engine, TACK_PORT: '0' },
      temporal: engine,
      tack: typedAs(join(config.package_folder, 'tack'), { cwd, path: config.path }),
      keys: may_ask ? stdin : null,
      stage: out,
      say: out.say,
      onUnheard,
    });
    return done ? EXIT.ok : EXIT.interrupted;
  },
});

/** Credentials of the person, and where their own Tackroom is. */
const OWN = /^(ANTHROPIC_.*|DATABASE_URL|TACK_(HOME|SERVER|TOKEN|PORT|GRACE_S)|TEMPORAL_.*)$/;

const withoutOwn = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !OWN.test(name)));

/** Said before anything is started: the roles would find out late. */
async function mustHave(id: string, { claude_bin, path }: Pick<Config, 'claude_bin' | 'path'>): Promise<void> {
  const { createHarnesses } = await import('../../harnesses/index.ts');
  const found = await createHarnesses({ binary: claude_bin, path }).find(id).probe();
  if (!found.found) throw new TackError('harness_unavailable', found.problem);
}

/** Who read along has left (`| head`, a closed terminal): the demo ends in order, and not with its next line. */
function onUnheard(stop: () => void): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', stop);
}
