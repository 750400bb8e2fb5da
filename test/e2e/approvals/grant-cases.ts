/** What is allowed for longer: used without a question, listed, and taken back in the middle of a turn. */
import { expect } from 'vitest';
import { asks } from '../../support/session.ts';
import { until } from '../../support/until.ts';
import { atLast, cellOf, endOf, ORDINARY, ordinarily, PATIENCE_MS, type Case, type Cell } from './cell.ts';
import { runIn } from './play-cell.ts';

/** Where something is redirected no pattern is suggested: a program of the project leaves its words behind. */
const made = `printf '#!/bin/sh\\necho "$*" >> effects.txt\\n' > note; chmod +x note`;
const note = (words: string): string => `./note ${words}`;
const ASKED = asks('./note asked', { grantable: 'always' });
const held = (gate: string) => ({ gate, calls: [note('asked 3')] });
const no = { decision: 'deny', message: 'Not any more.' } as const;

export const GRANT_CASES: readonly Case[] = [
  {
    part: 'allowed for the session, by pattern: listed; taken back amid the turn, the very next call is asked',
    steps: (gate) => [made, note('asked 1'), note('asked 2'), held(gate)],
    rules: [ASKED],
    async act(cell) {
      const question = await cell.question('./note asked 1');
      const pattern = await cell.pattern(question, 'allow_session');
      await cell.answer(question, { decision: 'allow_session', pattern });
      await cell.here.model.reached(cell.gate);
      expect(cell.session.effects()).toEqual([ORDINARY, 'asked 1', 'asked 2']);
      await takeBack(cell, { on: 'shell.exec', commands: ['./note asked'] });
      cell.here.model.release(cell.gate);
      await cell.answer(await cell.question('./note asked 3'), no);
    },
    effects: ['asked 1', 'asked 2'],
    questions: 2,
  },
  {
    part: 'allowed for the project, by pattern: another session of it is not asked, until it is taken back',
    steps: () => [made, note('asked 1')],
    rules: [ASKED],
    in_project: true,
    async act(cell) {
      const question = await cell.question('./note asked 1');
      const pattern = await cell.pattern(question, 'allow_always');
      await cell.answer(question, { decision: 'allow_always', pattern });
      expect((await endOf(cell)).type).toBe('turn.completed');
      const other = await another(cell);
      await cell.here.model.reached(cell.gate);
      expect(other.session.effects()).toEqual([ORDINARY, 'asked 2']);
      await takeBack(cell, pattern);
      cell.here.model.release(cell.gate);
      await other.answer(await other.question('./note asked 3'), no);
      expect((await endOf(other)).type).toBe('turn.completed');
      expect(other.session.effects()).toEqual([ORDINARY, 'asked 2']);
      const asked = (await other.session.log()).filter(({ type }) => type === 'approval.requested');
      expect(asked.filter(({ data }) => data['again'] !== true)).toHaveLength(1);
    },
    effects: ['asked 1'],
    questions: 1,
  },
];

/** A second session in the same repository. */
async function another(cell: Cell): Promise<Cell> {
  const { here, surface, state, gate, repository } = cell;
  const steps = [ordinarily, made, note('asked 2'), held(gate)];
  const session = await runIn(here, repository ?? '', { steps, rules: [ASKED] });
  return cellOf(here, { surface, state, session, gate, repository });
}

/** Listed where people look for it, with what it covers; then taken back by the surface, and no longer listed. */
async function takeBack(cell: Cell, pattern: unknown): Promise<void> {
  const { room } = cell.here;
  const { id } = cell.session;
  const [grant] = await listed(cell);
  expect(grant).toMatchObject({ session_id: id, pattern });
  const grant_id = grant?.id ?? '';
  if (cell.surface === 'api') await atLast(() => room.client().grants.revoke({ grant_id }));
  if (cell.surface === 'cli') expect(await room.tack(['revoke', grant_id])).toMatchObject({ code: 0 });
  if (cell.surface === 'signal') {
    const input = JSON.stringify({ grant_id });
    await room.temporal(
      'workflow',
      'signal',
      '--workflow-id',
      `session/${id}`,
      '--name',
      'revoke_grant',
      '--input',
      input,
    );
    await cell.session.logged('grant.revoked');
  }
  await until('nothing to be listed', async () => (await listed(cell)).length === 0, PATIENCE_MS);
}

async function listed({ here: { room }, session, surface }: Cell) {
  if (surface !== 'cli') return (await room.client().grants.list({ session_id: session.id })).data;
  const { stdout } = await room.tack(['grants', session.id, '--json']);
  return (JSON.parse(stdout) as Awaited<ReturnType<ReturnType<typeof room.client>['grants']['list']>>).data;
}
