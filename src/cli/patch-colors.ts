/** The colours of a patch or of its statistics, for a terminal; its text comes harmless. Pure. */
import type { Output } from './output.ts';

export function paintPatch(text: string, colors: Output['colors']): string {
  let in_head = true;
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('diff ')) in_head = true;
      if (line.startsWith('@@')) in_head = false;
      return paintLine(line, in_head, colors);
    })
    .join('\n');
}

function paintLine(line: string, in_head: boolean, colors: Output['colors']): string {
  const [, name, plus = '', minus = ''] = /^( .+ \| +\d+ )(\+*)(-*)$/.exec(line) ?? [];
  if (name !== undefined) return name + colors.green(plus) + colors.red(minus);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (in_head) return line.startsWith(' ') ? line : colors.bold(line);
  if (line.startsWith('+')) return colors.green(line);
  return line.startsWith('-') ? colors.red(line) : line;
}
