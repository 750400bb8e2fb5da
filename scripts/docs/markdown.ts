/** Tables in Markdown, and pages that keep what people wrote around what is made. */

export type Cells = readonly string[];

export function table(head: Cells, rows: readonly Cells[]): string {
  const line = (cells: Cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** `page` with a block of it made anew. A page without its marks is an error: nothing would be shown. */
export function withBlock(page: string, name: string, made: string): string {
  const [start, end] = [`<!-- made by scripts/docs.ts: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no place for ${name}: write ${start} and ${end}.`);
  return `${page.slice(0, from + start.length)}\n\n${made}\n\n${page.slice(to)}`;
}
