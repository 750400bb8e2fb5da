import { z } from 'zod';
import type { Session } from '../../api/contract/session.ts';
import { EXIT } from '../../domain/errors.ts';
import { branchOf, slugIn } from '../../domain/git-names.ts';
import { SESSION_STATUSES } from '../../domain/session/status.ts';
import { defineCommand } from '../command.ts';
import { ageOf } from '../age.ts';
import { lengthToTell } from '../shown-id.ts';
import type { Output } from '../output.ts';
import { oneLine } from '../render/printable.ts';
import { statusColor, statusLabel } from '../status-label.ts';
import { renderTable, type Column } from '../table.ts';

const NEEDS_YOU = 'needs-you';

export const command = defineCommand({
  name: 'ls',
  summary: 'List the sessions.',
  options: [
    ['--status <status>', `${NEEDS_YOU}, ${SESSION_STATUSES.join(', ')}`],
    ['-n, --limit <rows>', 'newest first; 50 rows unless it says otherwise'],
    ['-q, --quiet', 'ids only'],
  ],
  examples: ['tack ls', `tack ls --status ${NEEDS_YOU}`, "tack ls --json | jq '.data[].id'"],
  input: z.strictObject({
    status: z.enum([NEEDS_YOU, ...SESSION_STATUSES]).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(50),
    quiet: z.boolean().default(false),
  }),
  async run({ status, limit, quiet }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const wanted = status === NEEDS_YOU ? 'requires_action' : status;
    const list = await client.sessions.list({ limit, ...(wanted && { status: wanted }) });
    if (out.json) out.object(list);
    else if (quiet) for (const { id } of list.data) out.line(id);
    else if (list.data.length === 0)
      out.line(status ? `No session is ${status}.` : 'No session yet. Start one: tack run "…"');
    else for (const line of table(list.data, out)) out.line(line);
    if (list.has_more && !out.json) out.say(`More than ${limit}: tack ls -n ${Math.min(500, limit * 2)}`);
    return EXIT.ok;
  },
});

/** Beginnings of ids for people at a terminal, whole ids for programs. */
function table(sessions: readonly Session[], out: Output): readonly string[] {
  const now = Date.now();
  const width = out.is_terminal ? (process.stdout.columns ?? 80) : null;
  const id_length = width === null ? Infinity : lengthToTell(sessions.map(({ id }) => id));
  const columns: readonly Column<Session>[] = [
    { title: 'ID', cell: ({ id }) => id.slice(0, id_length) },
    {
      title: 'STATUS',
      cell: statusLabel,
      color: ({ status, stuck }) => (stuck ? out.colors.red : statusColor(status, out)),
      narrowest: 'Needs you'.length,
    },
    { title: 'AGENT', cell: ({ agent, sandbox }) => (sandbox === 'none' ? `${agent} (no sandbox)` : agent), rank: 2 },
    { title: 'AGE', cell: ({ created_at }) => ageOf(created_at, now), rank: 4 },
    { title: 'TITLE', cell: ({ title }) => oneLine(title, 200), narrowest: 12 },
    { title: 'ASKS', cell: ({ pending_approvals }) => (pending_approvals ? String(pending_approvals) : ''), rank: 3 },
    { title: 'BRANCH', cell: ({ branch }) => shownBranch(branch ?? ''), narrowest: 12, rank: 1 },
  ];
  return renderTable(columns, sessions, { width, dim: out.colors.dim });
}

/** As it is called in the person's repository. */
function shownBranch(ref: string): string {
  const slug = slugIn(ref);
  return slug === null ? ref : branchOf(slug);
}
