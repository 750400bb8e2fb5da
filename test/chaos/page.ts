/** The part of docs/reliability.md that is made from the rows. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'oxfmt';
import type { Kept } from './rows.ts';
import { tablesOf } from './tables.ts';

const BEGIN = '<!-- made by chaos -->';
const END = '<!-- end: chaos -->';

export async function writeTables(kept: Kept, root: string): Promise<void> {
  const page = join(root, 'docs/reliability.md');
  const [before, rest] = readFileSync(page, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no part ${BEGIN} … ${END}.`);
  const settings = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8')) as Record<string, never>;
  const { code } = await format(page, `${before}${BEGIN}\n\n${tablesOf(kept)}\n\n${END}${after}`, settings);
  writeFileSync(page, code);
}
