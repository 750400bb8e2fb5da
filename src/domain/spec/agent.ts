/** Agent files: a named configuration of a harness. The one schema behind YAML checks, the API and the docs. */
import { z } from 'zod';
import { PolicyBody } from '../policy/schema.ts';
import { SANDBOX_KINDS } from '../sandbox-kind.ts';

export const HARNESS_IDS = ['claude-code', 'scripted'] as const;

export const AgentLimits = z
  .strictObject({
    memory_bytes: z
      .number()
      .int()
      .min(16_000_000)
      .optional()
      .describe('Memory of the session as a whole; default half of the machine.'),
    processes: z.number().int().min(16).optional().describe('Processes and threads of the session; default 1,024.'),
    disk_bytes: z
      .number()
      .int()
      .min(1_000_000)
      .optional()
      .describe('New files of the session as a whole, and the largest single one; default 20 GB.'),
    open_files: z.number().int().min(64).optional().describe('Open files of each process; default 8,192.'),
    cpu_seconds: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Seconds of computing of each process, the agent itself included; none by default.'),
    turn_minutes: z
      .number()
      .positive()
      .max(30_000)
      .optional()
      .describe('Minutes that a turn may work, without the time it waits for people; then it is stopped.'),
  })
  .meta({ id: 'AgentLimits' });

export const AgentConfig = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a name has lower-case letters, digits and dashes')
      .describe('Name of the agent; shown with its sessions.'),
    harness: z.enum(HARNESS_IDS).describe('The coding agent that is driven.'),
    model: z.string().min(1).optional().describe('Model; the default of the harness otherwise.'),
    instructions: z.string().max(100_000).optional().describe('Added to what the harness tells its model.'),
    policies: PolicyBody.optional().describe('Rules and defaults of this agent.'),
    sandbox: z
      .enum(SANDBOX_KINDS)
      .default('bubblewrap')
      .describe('`none` runs on the bare machine: shell asks, and the session says so loudly.'),
    include: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Ignored folders that are copied into the worktree; found by default (node_modules, .venv, vendor, target).',
      ),
    setup: z
      .array(z.string().min(1))
      .optional()
      .describe('Commands that are run in the sandbox before the first turn.'),
    limits: AgentLimits.optional().describe('What the sandbox may use.'),
    script: z.string().optional().describe('Only for `scripted`: the YAML steps that it plays.'),
  })
  .meta({ id: 'AgentConfig' });
export type AgentConfig = z.infer<typeof AgentConfig>;
