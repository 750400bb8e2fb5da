/** What an approval asks for, whole: a command as it would run, an edit as its difference, anything else field by field. */
import type { Look } from './look.ts';
import { editLines, editsOf } from './edits.ts';
import { linesOf, printable } from './printable.ts';
import { questionLines } from './question.ts';
import { isRecord, list, record, text, type Data } from './read.ts';

/** `asked` is the approval as recorded, with its card. At most `max` lines; lines are never shortened. */
export function actionLines(asked: Data, look: Look, max: number): readonly string[] {
  const action = record(asked, 'preview');
  const input = asked['input'];
  const kind = text(asked, 'kind');
  if (kind === 'question') return cut(questionLines(list(action, 'questions')), look, max);
  const plan = isRecord(input) ? text(input, 'plan') : '';
  if (kind === 'plan' && plan) return cut(linesOf(plan), look, max);
  const script = text(action, 'script');
  const { kind: _kind, cwd: _cwd, script: _script, argv: _argv, ...others } = action;
  const fields = Object.entries(others)
    .filter(([, value]) => !isEmpty(value))
    .flatMap(([name, value]) => fieldLines(name, value));
  const head = script ? linesOf(script) : fields.length === 0 ? [printable(text(asked, 'title'))] : [];
  return [
    ...cut([...head, ...fields.map((line) => printable(line).replaceAll('\n', ' ⏎ '))], look, max),
    ...(text(action, 'kind') === 'file.write' ? editLines(editsOf(input), look, max) : []),
  ];
}

/** Each file that a command names has a line of its own, with the hash that the answer is bound to. */
const fieldLines = (name: string, value: unknown): readonly string[] =>
  name === 'files' && Array.isArray(value) && value.every(isRecord)
    ? value.map((file) => `file: ${text(file, 'path')} (${text(file, 'blob')})`)
    : [`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`];

function cut(lines: readonly string[], { colors }: Look, max: number): readonly string[] {
  const shown = lines.slice(0, max).map((line) => `    ${line}`);
  return lines.length <= max
    ? shown
    : [...shown, colors.yellow(`    … ${lines.length - max} more lines: not all is shown`)];
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);
