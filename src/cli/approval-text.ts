/** An approval in the inbox: what is asked as the stream shows it, where, and the exact commands that answer it. Pure. */
import type { Approval } from '../api/contract/approval.ts';
import { approvalLines } from './render/approval.ts';
import type { Look } from './render/look.ts';
import { patternWords } from './render/pattern.ts';
import { oneLine } from './render/printable.ts';
import { record, text } from './render/read.ts';

export interface ApprovalTextOptions {
  readonly look: Look;
  /** RFC 3339. */
  readonly now: string;
  /** Every line of a long action; else the first ones. */
  readonly whole: boolean;
  /** Title of its session. */
  readonly session: string;
}

const LINES_SHOWN = 20;

export function approvalText(
  approval: Approval,
  { look, now, whole, session }: ApprovalTextOptions,
): readonly string[] {
  const { id, session_id, request, status } = approval;
  const cwd = text(record(request, 'preview'), 'cwd');
  const [head = '', ...lines] = approvalLines(
    { ...request, id, kind: approval.kind, expires_at: approval.expires_at },
    { look, again: false, now, max: whole ? Infinity : LINES_SHOWN },
  );
  const card = lines.slice(0, -1); // its last line is for answering at once
  return [
    status === 'pending' ? head : look.colors.dim(`${status}: ${oneLine(approval.title, look.width - 12)}`),
    ...card.filter((line) => status === 'pending' || !/^ {4}expires /.test(line)),
    ...(cwd ? [`    in       ${oneLine(cwd, 200)}`] : []),
    `    of       ${session_id} “${oneLine(session, 60)}”`,
    ...(status === 'pending'
      ? answersOf(approval).map((line) => `    ${look.colors.cyan(line)}`)
      : [`    ${resolutionText(approval)}`]),
  ];
}

/** The exact commands, one a line. */
function answersOf({ id, kind, options }: Approval): readonly string[] {
  const deny = `tack deny ${id} -m "why"`;
  if (kind === 'question') return [`tack answer ${id} "…"`, deny];
  const flags = { allow_once: '', allow_session: ' --session', allow_always: ' --always' } as const;
  const allows = options.flatMap(({ decision, pattern }) =>
    decision in flags
      ? [`tack approve ${id}${flags[decision as keyof typeof flags]}${pattern ? `   # ${patternWords(pattern)}` : ''}`]
      : [],
  );
  return [...allows, deny];
}

/** Who said what, when and through what; or that nobody did. */
export function resolutionText({ status, resolution }: Pick<Approval, 'status' | 'resolution'>): string {
  const said = resolution ?? {};
  const what = text(said, 'decision');
  const who = text(record(said, 'actor'), 'id');
  if (status === 'expired')
    return [
      `Nobody answered in time${text(said, 'resolved_at') ? ` (it expired at ${text(said, 'resolved_at')})` : ''}`,
      ...(text(said, 'replaced_by') ? [`and it was asked again as ${text(said, 'replaced_by')}`] : []),
    ].join(', ');
  return [
    `It was ${what ? `answered (${what})` : status}`,
    ...(who ? [`by ${oneLine(who, 80)}`] : []),
    ...['via', 'resolved_at'].flatMap((field) =>
      text(said, field) ? [`${field === 'via' ? 'via' : 'at'} ${text(said, field)}`] : [],
    ),
  ].join(' ');
}
