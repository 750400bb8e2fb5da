import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { StartedSession } from '../../api/contract/session.ts';
import { EXIT, TackError, type ExitCode } from '../../domain/errors.ts';
import { newId } from '../../domain/ids.ts';
import { defineCommand } from '../command.ts';
import type { Connection, Context } from '../context.ts';
import { openRepository } from '../git/repository.ts';
import { agentOf, meantAgent } from '../start/agent.ts';
import { handOverCredential } from '../start/credential.ts';
import { harnessOf } from '../start/harness.ts';
import { promptOf } from '../start/prompt.ts';
import { pushWork } from '../start/push-work.ts';
import { patiently } from '../watch/patient.ts';
import { watch } from '../watch/watch.ts';

const Input = z.strictObject({
  prompt: z.array(z.string()),
  agent: z.string().min(1).default('claude-code'),
  model: z.string().min(1).optional(),
  title: z.string().min(1).max(200).optional(),
  clean: z.boolean().default(false),
  detach: z.boolean().default(false),
  wait: z.boolean().default(false),
  timeout: z.coerce.number().positive().optional(),
});
type Input = z.infer<typeof Input>;

export const command = defineCommand({
  name: 'run',
  summary: 'Start a session in this repository and watch it.',
  arguments: [['[prompt...]', 'what to do; `-` reads it from stdin, and what is piped in comes behind it']],
  options: [
    ['--agent <name|file>', 'a shipped agent, or a YAML file (claude-code)'],
    ['--model <model>', 'another model than the agent names'],
    ['--title <title>', 'else the first words of the prompt'],
    ['--clean', 'start from HEAD, without what is not committed'],
    ['-d, --detach', 'print the id of the session and leave it'],
    ['--wait', 'where nobody can be asked: stay until somebody else has answered, instead of exit 3'],
    ['--timeout <seconds>', 'leave after this time; the session runs on'],
  ],
  examples: [
    'tack run "fix the failing test"',
    'tack run "review this" --agent ./reviewer.yaml -d',
    'git diff | tack run "review this"',
  ],
  input: Input,
  async run(input, context) {
    const prompt = await promptOf(input.prompt, context);
    const meant = meantAgent(input.agent, context.cwd);
    const repository = await openRepository(context.cwd);
    const connection = await context.connect({ start: true });
    const { client } = connection;
    const agent = await agentOf(client, meant, input.model);
    const harness = await harnessOf(client, agent);
    await handOverCredential(client, context, harness.credential_ref);
    const session_id = newId('session', Date.now(), randomBytes(10));
    const { include } = agent;
    const pushed = await pushWork(context, connection, { repository, session_id, clean: input.clean, include });
    const session = await patiently((options) =>
      client.sessions.create(
        {
          body: {
            agent,
            session_id,
            project_id: repository.project_id,
            ...pushed,
            include: [...pushed.include],
            input: [{ type: 'text', text: prompt }],
            ...(input.title !== undefined && { title: input.title }),
          },
        },
        options,
      ),
    );
    return input.detach ? detached(session, context) : watched(session, input, { context, connection });
  },
});

function detached(session: StartedSession, { out }: Context): ExitCode {
  if (out.json) out.object(session);
  else out.line(session.id);
  out.say(`It runs. Watch it: tack attach ${session.id}`);
  return EXIT.ok;
}

function watched(
  session: StartedSession,
  { wait, timeout }: Input,
  { context, connection }: { readonly context: Context; readonly connection: Connection },
): Promise<ExitCode> {
  if (session.turn_id === null) throw new TackError('internal', `Session ${session.id} began no turn.`);
  return watch(context, connection, {
    session,
    after: 0,
    live_after: 0,
    turns: [session.turn_id],
    waits: wait,
    is_log: false,
    timeout_s: timeout,
  });
}
