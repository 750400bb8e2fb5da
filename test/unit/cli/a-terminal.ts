/** What a command works with, without a server: a client of its own making, and what it printed. */
import type { z } from 'zod';
import type { Approval } from '../../../src/api/contract/approval.ts';
import type { Client } from '../../../src/api/contract/client.ts';
import type { Session } from '../../../src/api/contract/session.ts';
import type { CommandDefinition } from '../../../src/cli/command.ts';
import type { Context } from '../../../src/cli/context.ts';
import { createOutput } from '../../../src/cli/output.ts';
import type { Config } from '../../../src/config.ts';
import type { ExitCode } from '../../../src/domain/errors.ts';

type Groups = { readonly [G in keyof Client]?: Partial<Client[G]> };

export interface Printed {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as if it had been typed. */
export async function type<I>(
  command: CommandDefinition<I>,
  input: z.input<z.ZodType<I>>,
  { client = {}, json = false, is_terminal = false }: { client?: Groups; json?: boolean; is_terminal?: boolean } = {},
): Promise<Printed> {
  const printed = { stdout: '', stderr: '' };
  const out = createOutput({
    json,
    color: false,
    is_terminal,
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
  });
  const context: Context = {
    cwd: '/',
    config: {} as Config,
    out,
    may_ask: false,
    stdin: process.stdin,
    credential: null,
    connect: async () => ({ client: client as Client, base_url: 'http://127.0.0.1:1', token: 'tok' }),
  };
  const code = await command.run(command.input.parse(input), context);
  return { code, ...printed };
}

const BODY = '0123456789abcdefghjkmnpqrs';

/** `ses_` or `apr_`, and these letters at the place where ids differ. */
export const idLike = (prefix: string, own: string): string => `${prefix}_${own}${BODY.slice(own.length)}`;

export const aSession = (over: Partial<Session> = {}): Session => ({
  object: 'session',
  id: idLike('ses', 'a'),
  title: 'Fix the failing test',
  status: 'idle',
  reason: 'end_turn',
  agent: 'claude-code',
  harness: 'claude-code',
  model: null,
  sandbox: 'bubblewrap',
  project_id: 'prj_0123456789abcdef',
  base_ref: null,
  base_commit: null,
  branch: null,
  work_commit: null,
  head_seq: 9,
  turns: 1,
  queued: 0,
  stuck: null,
  pending_approvals: 0,
  input_tokens: 0,
  output_tokens: 0,
  can_prompt: true,
  can_interrupt: false,
  can_close: true,
  created_at: '2026-11-24T12:00:00.000Z',
  updated_at: '2026-11-24T12:00:00.000Z',
  ...over,
});

export const DIGEST = 'd1'.repeat(32);
export const PATTERN = { on: 'shell.exec', commands: ['npm publish'] };

export const anApproval = (over: Partial<Approval> = {}): Approval => ({
  object: 'approval',
  id: idLike('apr', 'a'),
  session_id: idLike('ses', 'a'),
  turn_id: 'trn_1',
  kind: 'tool',
  status: 'pending',
  title: 'npm publish --access public',
  digest: DIGEST,
  request: {
    title: 'npm publish --access public',
    name: 'Bash',
    preview: { kind: 'shell.exec', cwd: '/home/agent/work', script: 'npm publish --access public' },
    rules: [{ name: 'needs-a-person', level: 'agent', reason: 'It cannot be taken back.' }],
    pattern: PATTERN,
    on_expiry: 'pause',
  },
  options: [
    { decision: 'allow_once', label: 'Allow once', pattern: null },
    { decision: 'allow_session', label: 'Allow in this session', pattern: PATTERN },
    { decision: 'deny', label: 'Deny, and say why', pattern: null },
    { decision: 'deny_and_stop', label: 'Deny and stop', pattern: null },
  ],
  can_ask_again: false,
  resolution: null,
  requested_at: '2026-11-24T12:00:00.000Z',
  expires_at: new Date(Date.now() + 2 * 3_600_000 + 30_000).toISOString(),
  ...over,
});

/** A list of the API with everything on one page. */
export const pageOf = <T extends { readonly id: string }>(data: T[]) => ({
  object: 'list' as const,
  data,
  has_more: false,
  first_id: data[0]?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
});
