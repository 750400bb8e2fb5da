/** The table of what was answered from where, while what: from the rows that the long run keeps. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { code, table } from './markdown.ts';

const ROWS = fileURLToPath(new URL('../../docs/results/long-approvals.json', import.meta.url));

/** One cell: what its session left behind in the file that its calls write to. */
export interface ApprovalRow {
  /** Place of the part in the table, from 0. */
  readonly nth: number;
  readonly part: string;
  readonly surface: string;
  readonly state: string;
  readonly effects: string;
  readonly questions: number;
  readonly end: string;
  /** What this surface cannot do, and how it was done instead. */
  readonly instead?: string;
}
export interface ApprovalResult {
  readonly when: string;
  readonly machine: string;
  readonly rows: readonly ApprovalRow[];
}

const SURFACES: readonly (readonly [surface: string, shown: string])[] = [
  ['api', 'REST'],
  ['cli', 'CLI'],
  ['signal', 'Signal'],
];
const STATES: readonly (readonly [state: string, shown: string])[] = [
  ['held', 'while it is held'],
  ['suspended', 'suspended'],
  ['restarted', 'after every role was killed'],
  ['moved', 'after the data folder was moved'],
];

export const readApprovalResult = (): ApprovalResult | null =>
  existsSync(ROWS) ? (JSON.parse(readFileSync(ROWS, 'utf8')) as ApprovalResult) : null;

export function approvalTable(): string {
  const result = readApprovalResult();
  if (result === null) return 'Not measured yet.';
  const { when, machine, rows } = result;
  const parts = [...Map.groupBy(rows, ({ part }) => part).values()].toSorted(
    ([a], [b]) => (a?.nth ?? 0) - (b?.nth ?? 0),
  );
  return [
    `${when.slice(0, 10)}, ${machine}: ${rows.length} of ${parts.length * SURFACES.length * STATES.length} combinations played, all as they should be.`,
    table(['', 'Questions', 'Answered by', ...STATES.map(([, shown]) => shown)], parts.flatMap(linesOf)),
  ].join('\n\n');
}

function linesOf(own: readonly ApprovalRow[]): readonly (readonly string[])[] {
  return SURFACES.map(([surface, shown], n) => {
    const by = own.filter((row) => row.surface === surface);
    const instead = by.find((row) => row.instead)?.instead;
    return [
      n === 0 ? (own[0]?.part ?? '') : '',
      n === 0 ? `${own[0]?.questions ?? ''}` : '',
      instead ? `${shown} (${instead})` : shown,
      ...STATES.map(([state]) => cellOf(by.find((row) => row.state === state))),
    ];
  });
}

const cellOf = (row: ApprovalRow | undefined): string =>
  row ? `${row.end === 'completed' ? '' : `${row.end}; `}${code(row.effects)}` : '–';
