/** The list of commands. A command's file is loaded when it is called. */
import type { CommandDefinition, Row } from './command.ts';

type Loaded = { readonly command: CommandDefinition<never> };
const row = (group: Row['group'], name: string, summary: string, load: () => Promise<unknown>): Row => ({
  group,
  name,
  summary,
  load: async () => ((await load()) as Loaded).command,
});

export const COMMANDS: readonly Row[] = [
  row('Sessions', 'run', 'Start a session in this repository and watch it.', () => import('./commands/run.ts')),
  row('Sessions', 'attach', 'Watch a session and answer it.', () => import('./commands/attach.ts')),
  row('Sessions', 'ls', 'List the sessions.', () => import('./commands/ls.ts')),
  row('Sessions', 'logs', 'Show the log of a session, or of a role.', () => import('./commands/logs.ts')),
  row('Sessions', 'send', 'Say something to a session.', () => import('./commands/send.ts')),
  row('Sessions', 'interrupt', 'End the running turn of a session.', () => import('./commands/interrupt.ts')),
  row('Sessions', 'stop', 'End a session; its log stays.', () => import('./commands/stop.ts')),
  row('Approvals', 'approvals', 'List what waits for a person.', () => import('./commands/approvals.ts')),
  row('Approvals', 'approve', 'Allow a waiting action.', () => import('./commands/approve.ts')),
  row('Approvals', 'deny', 'Refuse a waiting action.', () => import('./commands/deny.ts')),
  row('Approvals', 'answer', 'Answer a question of the agent.', () => import('./commands/answer.ts')),
  row('Approvals', 'grants', 'List what is allowed without asking.', () => import('./commands/grants.ts')),
  row('Approvals', 'revoke', 'Take back what was allowed for longer.', () => import('./commands/revoke.ts')),
  row('Approvals', 'policy', 'Make a session stricter.', () => import('./commands/policy.ts')),
  row('Work', 'diff', 'Show what a session changed.', () => import('./commands/diff.ts')),
  row('Work', 'apply', 'Bring the work of a session into your working tree.', () => import('./commands/apply.ts')),
  row('Work', 'discard', 'Forget the work of a session.', () => import('./commands/discard.ts')),
  row('Roles', 'up', 'Start the roles on this machine.', () => import('./commands/up.ts')),
  row('Roles', 'down', 'Stop the roles.', () => import('./commands/down.ts')),
  row('Roles', 'status', 'Show the roles, what waits, and what is stuck.', () => import('./commands/status.ts')),
  row('Roles', 'doctor', 'Check this machine, and say what mends it.', () => import('./commands/doctor.ts')),
  row('Roles', 'server', 'Run the server alone.', () =>
    import('./commands/role.ts').then(({ server }) => ({ command: server })),
  ),
  row('Roles', 'worker', 'Run a worker alone.', () =>
    import('./commands/role.ts').then(({ worker }) => ({ command: worker })),
  ),
  row('Roles', 'broker', 'Run the broker alone.', () =>
    import('./commands/role.ts').then(({ broker }) => ({ command: broker })),
  ),
  row(
    'More',
    'backup',
    'Bring everything of a data folder into one file, while it runs.',
    () => import('./commands/backup.ts'),
  ),
  row(
    'More',
    'gc',
    'Remove what is not needed any more, and nothing that is nowhere else.',
    () => import('./commands/gc.ts'),
  ),
  row('More', 'restore', 'Make a data folder of a backup.', () => import('./commands/restore.ts')),
  row('More', 'audit', 'Verify that nothing was changed in the logs.', () => import('./commands/audit.ts')),
  row(
    'More',
    'replay',
    'Check recorded histories against the workflow code of now.',
    () => import('./commands/replay.ts'),
  ),
  row(
    'More',
    'completion',
    'Print what makes a shell complete commands, options and ids.',
    () => import('./commands/completion.ts'),
  ),
  row(
    'More',
    'demo',
    'Show the main job: no key, a real approval, a worker killed on the way.',
    () => import('./commands/demo.ts'),
  ),
];
