/** The command line of Claude Code. Source: claude 2.1.330. */

/** A closed list: what is not here does not exist for the model. Nothing that needs the network. */
export const TOOLS = [
  'Bash',
  'Read',
  'Edit',
  'Write',
  'NotebookEdit',
  'Task',
  'TaskCreate',
  'TaskGet',
  'TaskList',
  'TaskUpdate',
  'TaskStop',
  'Skill',
  'ToolSearch',
  'AskUserQuestion',
  'EnterPlanMode',
  'ExitPlanMode',
] as const;

export interface CommandOptions {
  readonly binary: string;
  readonly model: string;
  readonly native_session_id: string;
  /** The session has a transcript: go on with it. */
  readonly resumes: boolean;
}

/** Without `permissions.ask: ["*"]` an empty hook answer would let a call run: the second latch stays in every start. */
export function commandLine({ binary, model, native_session_id, resumes }: CommandOptions): readonly string[] {
  return [
    binary,
    ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
    ...['--include-partial-messages', '--replay-user-messages'],
    ...['--model', model],
    ...[resumes ? '--resume' : '--session-id', native_session_id],
    ...['--permission-prompt-tool', 'stdio', '--permission-mode', 'manual'],
    ...['--setting-sources', '', '--strict-mcp-config'],
    ...['--settings', JSON.stringify({ permissions: { ask: ['*'] } })],
    ...['--tools', TOOLS.join(',')],
  ];
}
