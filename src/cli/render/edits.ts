/** What a call would write into a file, as a coloured difference: read off the input, whatever the tool is called. */
import { lineDiff, type DiffLine } from './diff.ts';
import type { Look } from './look.ts';
import { printable, shortened } from './printable.ts';
import { isRecord, list, type Data } from './read.ts';

export interface Edit {
  readonly before: string;
  readonly after: string;
}

/** Nothing for a call that is no edit. */
export function editsOf(input: unknown): readonly Edit[] {
  if (!isRecord(input)) return [];
  const inner = list(input, 'edits').filter(isRecord).flatMap(replacement);
  if (inner.length > 0) return inner;
  const own = replacement(input);
  if (own.length > 0) return own;
  const isFile = ['file_path', 'path', 'notebook_path'].some((field) => typeof input[field] === 'string');
  const whole = input['content'] ?? input['new_source'];
  return isFile && typeof whole === 'string' ? [{ before: '', after: whole }] : [];
}

function replacement({ old_string, new_string }: Data): readonly Edit[] {
  return typeof old_string === 'string' && typeof new_string === 'string'
    ? [{ before: old_string, after: new_string }]
    : [];
}

/** At most `max` lines, and how many are missing. */
export function editLines(edits: readonly Edit[], { colors, width }: Look, max: number): readonly string[] {
  const all = edits.flatMap(({ before, after }) => lineDiff(before, after));
  const paint: Readonly<Record<DiffLine['sign'], (line: string) => string>> = {
    ' ': colors.dim,
    '-': colors.red,
    '+': colors.green,
  };
  const lines = all
    .slice(0, max)
    .map(({ sign, text }) =>
      paint[sign](`    ${sign} ${shortened(printable(text).replaceAll('\t', '  '), width - 6)}`),
    );
  return all.length <= max ? lines : [...lines, colors.dim(`      … ${all.length - max} more lines`)];
}
