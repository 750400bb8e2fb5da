/** Cards of tool calls: which tool, what it does in one line, what it changes; then what came of it. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { between, duration, plural } from './amounts.ts';
import { editLines, editsOf } from './edits.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { linesOf, oneLine, shortened } from './printable.ts';
import { isRecord, list, number, record, text, words } from './read.ts';
import type { RenderState, SeenCall } from './state.ts';

const EDIT_LINES = 30;
/** Inside every sandbox the worktree is here; on a card it only costs room. */
const WORKTREE = '/home/agent/work/';

/** Written before the call may start. */
export function toolUse({ data, created_at }: Envelope, state: RenderState, look: Look): Rendered {
  const id = text(data, 'tool_use_id');
  const name = text(data, 'name');
  const call: SeenCall = {
    name,
    title: titleOf(name, text(data, 'title')),
    kind: text(data, 'kind'),
    started_at: created_at,
  };
  const { colors, width } = look;
  const head = `${colors.cyan('●')} ${colors.bold(oneLine(name, 60))}  ${oneLine(call.title, width - name.length - 5)}`;
  return {
    state: {
      ...state,
      calls: { ...state.calls, [id]: call },
      last_call: id,
      turn: state.turn && { ...state.turn, calls: state.turn.calls + 1 },
    },
    pieces: talk(head.trimEnd(), ...editLines(editsOf(data['input']), look, EDIT_LINES)),
  };
}

export function toolResult({ data, created_at }: Envelope, state: RenderState, look: Look): Rendered {
  const id = text(data, 'tool_use_id');
  const { [id]: call, ...calls } = state.calls;
  const { colors, width } = look;
  const whose = state.last_call === id ? '' : `${oneLine(call ? `${call.name} ${call.title}`.trim() : id, 50)}: `;
  const not_run = text(data, 'not_run');
  const took = call && !not_run ? duration(number(data, 'duration_ms') || between(call.started_at, created_at)) : '';
  const isBad = data['is_error'] === true;
  const [first = '', ...rest] = preview(words(data), { kind: call?.kind ?? '', isBad, width: width - 6 });
  const summary = [`${whose}${not_run ? 'not run: ' : ''}${first}`, took].filter(Boolean).join(colors.dim(' · '));
  const paint = isBad ? colors.red : colors.dim;
  return {
    state: { ...state, calls, last_call: null },
    pieces: talk(
      `  ${paint('⎿')} ${isBad ? colors.red(summary) : summary}`,
      ...rest.map((line) => paint(`    ${line}`)),
    ),
  };
}

/** Only a refusal is worth a line: an allowed call has its card, an asked one its approval. */
export function evaluated({ data, created_at }: Envelope, before: RenderState, { colors, width }: Look): Rendered {
  const title = text(data, 'title');
  const call: SeenCall = { name: text(record(data, 'action'), 'kind'), title, kind: '', started_at: created_at };
  const state = { ...before, calls: { ...before.calls, [text(data, 'tool_use_id')]: call } };
  if (data['effect'] !== 'deny') return { state, pieces: [] };
  const reasons = ruleLines(list(data, 'rules'), width);
  return {
    state,
    pieces: talk(colors.red(`✗ Denied by policy: ${oneLine(title, width - 22)}`), ...reasons),
  };
}

/** Each rule with its level and its reason. */
export const ruleLines = (rules: readonly unknown[], width: number): readonly string[] =>
  rules.map((rule) => {
    const said = isRecord(rule)
      ? `${text(rule, 'name')} (${text(rule, 'level')}): ${text(rule, 'reason')}`
      : String(rule);
    return `    rule     ${oneLine(said, width - 13)}`;
  });

/** The tool's name stands before the title already. */
function titleOf(name: string, title: string): string {
  const own = title.startsWith(`${name} `) ? title.slice(name.length + 1) : title === name ? '' : title;
  return own.replaceAll(WORKTREE, '');
}

interface Shape {
  readonly kind: string;
  readonly isBad: boolean;
  readonly width: number;
}
const HEAD = 3;
const TAIL = 4;

/** The beginning and the end; of what was only read how much it was, of an edit that it is done. */
function preview(output: string, { kind, isBad, width }: Shape): readonly string[] {
  const lines = linesOf(output);
  if (lines.length === 1 && lines[0] === '') return ['no output'];
  if ((kind === 'read' || kind === 'search') && !isBad) return [plural(lines.length, 'line')];
  if ((kind === 'edit' || kind === 'delete') && !isBad) return ['done']; // the card shows what
  const shown =
    lines.length <= HEAD + TAIL + 1
      ? lines
      : [...lines.slice(0, HEAD), `… ${lines.length - HEAD - TAIL} more lines`, ...lines.slice(-TAIL)];
  return shown.map((line) => shortened(line, width));
}
