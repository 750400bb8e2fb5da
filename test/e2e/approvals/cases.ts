/** The parts of the table, each with what the model does, what people do, and what is left behind in the end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { leaves } from '../../support/claude-room.ts';
import { asks } from '../../support/session.ts';
import { until } from '../../support/until.ts';
import { GRANT_CASES } from './grant-cases.ts';
import { atLast, endOf, noProcessOf, ORDINARY, PATIENCE_MS, type Case, type Cell } from './cell.ts';

const ASKED = asks('echo asked', { grantable: 'always' });
const asked = leaves('asked');
const last = leaves('last');
const once = { decision: 'allow_once' } as const;
const no = (message: string) => ({ decision: 'deny', message }) as const;

/** What the model was told in any of its requests. */
const told = ({ session }: Cell): string =>
  session
    .requests()
    .map(({ last: item }) => item)
    .join('\n');

/** The ones that expire have such places that the short form plays none of them with a restart in between. */
export const CASES: readonly Case[] = [
  {
    part: 'allowed once: the same call again is a new question',
    steps: () => [asked, asked],
    rules: [ASKED],
    async act(cell) {
      await cell.answer(await cell.question('echo asked'), once);
      await cell.answer(await cell.question('echo asked', 2), no('Once is enough.'));
      await endOf(cell);
      expect(told(cell)).toContain('Once is enough.');
    },
    effects: ['asked'],
    questions: 2,
  },
  {
    part: 'denied, with words for the agent',
    steps: () => [asked, last],
    rules: [ASKED],
    async act(cell) {
      const message = `Use the staging database, says ${cell.gate}.`;
      await cell.answer(await cell.question('echo asked'), no(message));
      await endOf(cell);
      expect(told(cell)).toContain(message);
    },
    effects: ['last'],
    questions: 1,
  },
  {
    part: 'three pending in one turn, answered from the last to the first',
    // the answers of the three files come back with the next request: only what was read is left behind
    steps: () => [
      [1, 2, 3].map((n) => `echo re''ad-${n} > ${n}.txt`).join('; '),
      { calls: [1, 2, 3].map((n) => `cat ${n}.txt`) },
      `for w in ${[1, 2, 3].map((n) => `'{{(re[a]d-${n})}}'`).join(' ')}; do case $w in read-*) echo $w >> effects.txt;; esac; done`,
    ],
    rules: [asks('cat')],
    grace_s: 15,
    async act(cell) {
      const [one, two, three] = await Promise.all([1, 2, 3].map((n) => cell.question(`cat ${n}.txt`)));
      await cell.answer(three!, once);
      await cell.answer(two!, no('Not the second one.'));
      expect(cell.session.effects()).toEqual([ORDINARY]);
      await cell.answer(one!, once);
      await endOf(cell);
      expect(told(cell)).toContain('Not the second one.');
    },
    effects: ['read-1', 'read-3'],
    questions: 3,
  },
  {
    part: 'a batch of two calls: one allowed, one denied',
    steps: () => [{ calls: [leaves('asked 1'), leaves('asked 2')] }, last],
    rules: [ASKED],
    async act(cell) {
      await cell.answer(await cell.question('echo asked 1'), once);
      await cell.answer(await cell.question('echo asked 2'), no('Not the second one.'));
      await endOf(cell);
      expect(told(cell)).toContain('Not the second one.');
    },
    effects: ['asked 1', 'last'],
    questions: 2,
  },
  {
    part: 'nobody answers, `on_expiry: pause`: it rests, a late answer is refused',
    steps: () => [asked, last],
    rules: [ASKED],
    expires: true,
    async act(cell) {
      const { room } = cell.here;
      const session_id = cell.session.id;
      const question = await cell.question('echo asked');
      await expired(cell);
      expect(await cell.refused(question, once)).toBe('approval_expired');
      await noProcessOf(cell);
      expect((await room.client().sessions.show({ session_id })).status).toBe('paused');
      await atLast(() => room.client().sessions.interrupt({ session_id, body: {} }));
      const next = await cell.session.say(`Go. [[shell ${JSON.stringify({ cmd: leaves('next') })}]]`);
      expect((await endOf(cell, next)).type).toBe('turn.completed');
    },
    effects: ['next'],
    questions: 1,
    end: 'turn.cancelled',
  },
  {
    part: 'nobody answers, `on_expiry: deny`: the agent is told, a late answer is refused',
    steps: () => [asked, last],
    rules: [{ ...ASKED, on_expiry: 'deny' }],
    expires: true,
    async act(cell) {
      const question = await cell.question('echo asked');
      await expired(cell);
      expect(await cell.refused(question, once)).toBe('approval_already_resolved');
      await endOf(cell);
      expect(told(cell)).toMatch(/refused|denied|in time/i);
    },
    effects: ['last'],
    questions: 1,
  },
  {
    part: 'a script is rewritten while it waits: a new question',
    steps: () => [`echo "echo first >> effects.txt" > tool.sh`, 'sh tool.sh'],
    rules: [asks('sh')],
    async act(cell) {
      const shown = await cell.question('sh tool.sh');
      const script = join(cell.here.room.workOf(cell.session.id), 'tool.sh');
      writeFileSync(script, 'echo rewritten >> effects.txt\n');
      await cell.answer(shown, once);
      const anew = await cell.question('sh tool.sh', 2);
      expect([anew.digest === shown.digest, cell.session.effects()]).toEqual([false, [ORDINARY]]);
      await cell.answer(anew, once);
    },
    effects: ['rewritten'],
    questions: 2,
  },
  {
    part: 'denied and stopped: the session takes the next prompt',
    steps: () => [asked, last],
    rules: [ASKED],
    async act(cell) {
      await cell.answer(await cell.question('echo asked'), { decision: 'deny_and_stop' });
      await endOf(cell);
      await noProcessOf(cell);
      const next = await cell.session.say(`Go. [[shell ${JSON.stringify({ cmd: leaves('next') })}]]`);
      expect((await endOf(cell, next)).type).toBe('turn.completed');
    },
    effects: ['next'],
    questions: 1,
    end: 'turn.cancelled',
  },
  {
    part: 'asked again after nobody answered, then allowed',
    steps: () => [asked, last],
    rules: [ASKED],
    expires: true,
    async act(cell) {
      const question = await cell.question('echo asked');
      await expired(cell);
      await cell.askAgain(question);
    },
    effects: ['asked', 'last'],
    questions: 2,
    instead: { signal: 'asked again by REST: the id of the new question is made of hashes; answered by Signal' },
  },
  {
    part: 'the policy is tightened while it waits: the allow comes too late',
    steps: () => [asked, last],
    rules: [ASKED],
    async act(cell) {
      const question = await cell.question('echo asked');
      const rule = { ...ASKED, name: 'frozen', effect: 'deny', reason: `Frozen since ${cell.gate}.` } as const;
      const { grantable: _, ...frozen } = rule;
      const session_id = cell.session.id;
      const client = cell.here.room.client();
      await atLast(() => client.sessions.setPolicy({ session_id, body: { rules: [frozen], defaults: [] } }));
      await cell.answer(question, once);
      await endOf(cell);
      expect(told(cell)).toContain(rule.reason);
    },
    effects: ['last'],
    questions: 1,
  },
  ...GRANT_CASES,
];

/** Resolves when nobody has answered in time. */
export const expired = ({ session }: Cell) =>
  until(
    `the expiry of ${session.id}`,
    async () => (await session.log()).find(({ type }) => type === 'approval.resolved'),
    3 * PATIENCE_MS,
  );
