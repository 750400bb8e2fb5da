/** A script that a person has allowed, rewritten behind their back by a process that still runs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asks, scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

const at = (session: TestSession, file: string) => join(room.workOf(session.id), file);
const allow = (approval: { readonly id: string; readonly digest: string }) =>
  room.client().approvals.decide({
    approval_id: approval.id,
    body: { digest: approval.digest, decision: 'allow_once' },
  });
const ran = (session: TestSession) => {
  const file = at(session, 'effects.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

/** Leaves a process behind that rewrites the script when `now` appears, then wants to run it. */
const steps = [
  shell(`printf 'echo good >> /home/agent/work/effects.txt\\n' > tool.sh; mkdir -p sub; cp tool.sh sub/tool.sh
    ( while [ ! -e now ]; do sleep 0.05; done
      printf 'echo evil >> /home/agent/work/effects.txt\\n' | tee tool.sh > sub/tool.sh; touch rewritten ) >/dev/null 2>&1 &`),
];

it.each(['sh tool.sh', 'cd sub && sh ./tool.sh'])(
  '%s: what runs is what was shown, or it is asked anew',
  async (run) => {
    const session = await startSession(room, scripted([...steps, shell(run)], [asks('sh')]));
    const shown = await session.question();
    writeFileSync(at(session, 'now'), '');
    await until('the other script', () => existsSync(at(session, 'rewritten')));
    await allow(shown);
    const anew = await session.question(2);
    expect([anew.digest === shown.digest, ran(session)]).toEqual([false, []]);
    await allow(anew);
    expect((await session.ended()).type).toBe('turn.completed');
    expect(await until('the effect', () => (ran(session).length > 0 ? ran(session) : undefined))).toEqual(['evil']);
  },
);

it('one approval is enough when nothing was rewritten', async () => {
  const session = await startSession(room, scripted([...steps, shell('sh tool.sh')], [asks('sh')]));
  await allow(await session.question());
  expect((await session.ended()).type).toBe('turn.completed');
  expect(ran(session)).toEqual(['good']);
  expect((await session.log()).filter(({ type }) => type === 'approval.requested')).toHaveLength(1);
});
