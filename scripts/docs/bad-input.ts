/** The table of what bad input comes to: from the rows that the long run keeps. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './markdown.ts';

const ROWS = fileURLToPath(new URL('../../docs/results/long-bad-input.json', import.meta.url));

export interface BadInputRow {
  readonly file: string;
  readonly kind: string;
  readonly case: string;
  readonly ends: string;
  readonly says: string;
}
export interface BadInputResult {
  readonly when: string;
  readonly rows: readonly BadInputRow[];
}

export const readBadInputResult = (): BadInputResult | null =>
  existsSync(ROWS) ? (JSON.parse(readFileSync(ROWS, 'utf8')) as BadInputResult) : null;

export function badInputTable(): string {
  const result = readBadInputResult();
  if (result === null) return 'Not played yet.';
  const kinds = [...Map.groupBy(result.rows, ({ kind }) => kind).entries()];
  return [
    `${result.when.slice(0, 10)}: ${result.rows.length} cases of ${kinds.length} kinds.`,
    table(
      ['Kind', 'Case', 'Ends', 'What is said'],
      kinds.flatMap(([kind, rows]) =>
        rows.map(({ case: what, ends, says }, n) => [n === 0 ? kind : '', what, ends, says === '' ? '' : inCode(says)]),
      ),
    ),
  ].join('\n\n');
}

/** Words that hold code themselves need a longer mark. */
const inCode = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);
