/** A grant that was kept and is none allows nothing, and breaks nothing. */
import { describe, expect, it } from 'vitest';
import { readGrants } from '../../../../src/domain/approval/read-grants.ts';
import type { Grant } from '../../../../src/domain/approval/schema.ts';
import { judgeShipped, rule, shell } from './a-policy.ts';

const right: Grant = {
  grant_id: `grt_${'1'.repeat(26)}`,
  approval_id: `apr_${'1'.repeat(26)}`,
  scope: 'session',
  digest: null,
  pattern: { on: 'shell.exec', commands: ['git push'] },
  rules: ['pushes'],
};
const BAD: readonly (readonly [string, unknown])[] = [
  ['a pattern that is a text', { ...right, grant_id: `grt_${'2'.repeat(26)}`, pattern: 'git push' }],
  ['a pattern on a number', { ...right, grant_id: `grt_${'2'.repeat(26)}`, pattern: { on: 7 } }],
  ['a glob that is not closed', { ...right, grant_id: `grt_${'2'.repeat(26)}`, pattern: { on: '*', paths: ['{'] } }],
  ['a scope that there is not', { ...right, grant_id: `grt_${'2'.repeat(26)}`, scope: 'for ever' }],
  ['rules that are no list', { ...right, grant_id: `grt_${'2'.repeat(26)}`, rules: 'pushes' }],
  ['nothing', null],
];
const pushes = {
  agent: { rules: [rule({ name: 'pushes', on: 'shell.exec', commands: ['git push'], effect: 'ask' })] },
};

describe('a kept grant', () => {
  it.each(BAD)('that has %s is left out and named; the others count', (_what, bad) => {
    const { grants, unread } = readGrants([bad, right]);
    expect([grants, unread]).toEqual([[right], [expect.stringMatching(bad === null ? /^undefined: / : /^grt_2+: /)]]);
  });

  it.each(BAD.filter(([, bad]) => bad !== null))(
    'that has %s allows nothing, also where nobody read it before',
    (_what, bad) => {
      expect(judgeShipped(shell('git push'), pushes, { grants: [bad as Grant] }).effect).toBe('ask');
      expect(judgeShipped(shell('git push'), pushes, { grants: [bad as Grant, right] })).toMatchObject({
        effect: 'allow',
        grant_id: right.grant_id,
      });
    },
  );
});
