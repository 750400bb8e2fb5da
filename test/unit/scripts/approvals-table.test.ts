/** The table of the guide says what its cases say: each part, from each surface, in each state, with what it leaves behind. */
import { expect, it } from 'vitest';
import { approvalTable, readApprovalResult } from '../../../scripts/docs/approvals.ts';
import { CASES } from '../../e2e/approvals/cases.ts';
import { ORDINARY, STATES } from '../../e2e/approvals/cell.ts';
import { SURFACES } from '../../support/surfaces.ts';

it('has combinations of the cases, each once, with the effects that they name', () => {
  const rows = readApprovalResult()?.rows ?? [];
  const played = rows.map(({ part, surface, state, effects }) => [part, surface, state, effects].join(' | '));
  const meant = CASES.flatMap(({ part, effects }) =>
    SURFACES.flatMap((surface) =>
      STATES.map((state) => [part, surface, state, [ORDINARY, ...effects].join(', ')].join(' | ')),
    ),
  );
  expect(played.filter((row, n) => !meant.includes(row) || played.indexOf(row) !== n)).toEqual([]);
  expect(played.length).toBeGreaterThan(meant.length - SURFACES.length); // else the long run was not played whole
  expect(approvalTable()).toContain(`${played.length} of ${meant.length}`);
});
