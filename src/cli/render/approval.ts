/** What waits for a person: the exact action, the rules that ask and why; and how it was answered. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { actionLines } from './action.ts';
import { between, duration } from './amounts.ts';
import { ruleLines } from './call.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { patternWords } from './pattern.ts';
import { oneLine } from './printable.ts';
import { by, isRecord, list, record, text, type Data } from './read.ts';
import type { RenderState } from './state.ts';

const SHOWN_LINES = 40;

export function requested({ data, created_at }: Envelope, state: RenderState, look: Look): Rendered {
  const asked = record(data, 'approval');
  const id = text(asked, 'id');
  const again = data['again'] === true || data['replaces'] !== undefined;
  return {
    state: { ...state, asked: { ...state.asked, [id]: text(asked, 'title') } },
    pieces: talk(...approvalLines(asked, { look, again, now: created_at, max: SHOWN_LINES })),
  };
}

export interface CardWish {
  readonly look: Look;
  readonly again: boolean;
  readonly now: string;
  /** Lines of the action at most. */
  readonly max: number;
}

/** `asked` is the approval as recorded, with its card. */
export function approvalLines(asked: Data, { look, again, now, max }: CardWish): readonly string[] {
  const { colors, width } = look;
  const id = text(asked, 'id');
  const kind = text(asked, 'kind');
  const pattern = patternWords(asked['pattern']);
  const until = text(asked, 'expires_at');
  return [
    colors.yellow(colors.bold(`▲ ${again ? 'Still needs you' : 'Needs you'}: ${headline(asked)}`)),
    ...actionLines(asked, look, max),
    ...ruleLines(list(asked, 'rules'), width),
    ...(pattern ? [`    session  would also allow ${pattern}`] : []),
    ...(Number.isFinite(Date.parse(until))
      ? [
          `    expires  in ${duration(between(now, until))}, then ${asked['on_expiry'] === 'deny' ? 'it is denied' : 'the session pauses'}`,
        ]
      : []),
    `    answer   ${answerWords(kind, id)}`,
  ];
}

function headline(asked: Data): string {
  const kind = text(asked, 'kind');
  if (kind === 'question') return 'the agent asks';
  if (kind === 'plan') return 'the agent proposes a plan';
  return oneLine(text(record(asked, 'preview'), 'kind') || text(asked, 'name') || kind, 60);
}

const answerWords = (kind: string, id: string): string =>
  `${kind === 'question' ? `tack answer ${id} "…"` : `tack approve ${id}`} · tack deny ${id} -m "why"`;

export function resolved(event: Envelope, state: RenderState, look: Look): Rendered {
  const id = text(event.data, 'approval_id');
  const { [id]: title, ...asked } = state.asked;
  return { state: { ...state, asked }, pieces: talk(resolution(event, title ?? id, look)) };
}

function resolution(event: Envelope, title: string, { colors, width }: Look): string {
  const { data } = event;
  const what = oneLine(title, Math.max(20, width - 50));
  const said = text(data, 'message') ? ` “${oneLine(text(data, 'message'), 200)}”` : '';
  if (data['outcome'] === 'cancelled') return colors.dim(`– No answer is needed any more: ${what}`);
  if (data['outcome'] === 'expired') return colors.yellow(`■ Nobody answered in time: ${what}`);
  switch (data['decision']) {
    case 'allow_once':
      return colors.green(`✓ Allowed once ${by(event)}: ${what}`);
    case 'allow_session':
      return colors.green(`✓ Allowed in this session ${by(event)}: ${patternWords(data['pattern']) || what}`);
    case 'allow_always':
      return colors.green(`✓ Always allowed in this project ${by(event)}: ${patternWords(data['pattern']) || what}`);
    case 'answer':
      return colors.green(`✓ Answered ${by(event)}: ${oneLine(answerOf(data['input']), 200)}`);
    case 'deny_and_stop':
      return colors.red(`✗ Denied and stopped ${by(event)}: ${what}${said}`);
  }
  const late = data['reason'] === 'expired' ? ' (nobody answered in time)' : '';
  return colors.red(`✗ Denied ${by(event)}${late}: ${what}${said}`);
}

const answerOf = (input: unknown): string =>
  typeof input === 'string'
    ? input
    : isRecord(input)
      ? Object.values(input).map(String).join(' · ')
      : JSON.stringify(input);

/** A grant that was given before discharges a call now. */
export function grantUsed({ data }: Envelope, state: RenderState, { colors }: Look): Rendered {
  const grant_id = text(data, 'grant_id');
  const isFresh = !state.used_grants.includes(grant_id);
  return {
    state: { ...state, used_grants: isFresh ? [...state.used_grants, grant_id] : state.used_grants },
    pieces: isFresh ? [] : talk(colors.dim(`  allowed by what was agreed before (${oneLine(grant_id, 40)})`)),
  };
}
