/** Answering an approval from the command line: it is read first, its digest is sent, the first answer wins. */
import { describe, expect, it } from 'vitest';
import { command as answer } from '../../../src/cli/commands/answer.ts';
import { command as approve } from '../../../src/cli/commands/approve.ts';
import { command as deny } from '../../../src/cli/commands/deny.ts';
import type { Approval } from '../../../src/api/contract/approval.ts';
import { TackError } from '../../../src/domain/errors.ts';
import { DIGEST, PATTERN, anApproval, idLike, pageOf, type } from './a-terminal.ts';

/** A server with these approvals, that writes down what is decided. */
function serverWith(...approvals: Approval[]) {
  const sent: unknown[] = [];
  const find = (id: string) => {
    const found = approvals.find((approval) => approval.id === id);
    if (!found) throw new TackError('approval_not_found', `There is no approval ${id}.`);
    return found;
  };
  return {
    sent,
    client: {
      approvals: {
        list: async ({ status }: { status?: string } = {}) =>
          pageOf(approvals.filter((one) => status === undefined || one.status === status)),
        show: async ({ approval_id }: { approval_id: string }) => find(approval_id),
        decide: async (input: { approval_id: string; body: { decision: string } }) => {
          sent.push(input);
          const { session_id } = find(input.approval_id);
          return { object: 'decision', approval_id: input.approval_id, session_id, decision: input.body.decision };
        },
        askAgain: async ({ approval_id }: { approval_id: string }) => {
          const old = find(approval_id);
          approvals.push(anApproval({ id: idLike('apr', 'n') }));
          return { object: 'asked_again', approval_id: idLike('apr', 'n'), session_id: old.session_id };
        },
      } as never,
    },
  };
}
const id = idLike('apr', 'a');
const sentFor = (body: object) => [{ approval_id: id, body: { digest: DIGEST, ...body } }];

describe('tack approve', () => {
  it('sends the digest that was read', async () => {
    const server = serverWith(anApproval());
    const { code, stdout } = await type(approve, { id }, server);
    expect([code, stdout]).toEqual([0, '✓ Allowed once: npm publish --access public\n']);
    expect(server.sent).toEqual(sentFor({ decision: 'allow_once' }));
  });

  it('takes an unambiguous beginning of the id, and lists what another one may be', async () => {
    const server = serverWith(anApproval({ id: idLike('apr', 'abc') }), anApproval({ id: idLike('apr', 'abd') }));
    await type(approve, { id: 'apr_abd' }, server);
    expect(server.sent).toMatchObject([{ approval_id: idLike('apr', 'abd') }]);
    await expect(type(approve, { id: 'ab' }, server)).rejects.toMatchObject({
      code: 'usage_invalid',
      message: expect.stringMatching(/apr_abc.*npm publish.*apr_abd/) as string,
    });
    await expect(type(approve, { id: 'apr_x' }, server)).rejects.toMatchObject({ code: 'approval_not_found' });
  });

  it('says after the answer what else the turn waits for', async () => {
    const others = [
      anApproval({ id: idLike('apr', 'b'), title: 'npm test' }),
      anApproval({ id: idLike('apr', 'c'), turn_id: 'trn_other' }),
    ];
    const { code, stderr } = await type(approve, { id }, serverWith(anApproval(), ...others));
    expect([code, stderr]).toEqual([
      0,
      `The turn waits for 1 more:\n  tack approve ${idLike('apr', 'b')}   # npm test\n`,
    ]);
  });

  it('takes `latest` for the only one that waits; where there is a choice nobody answers what they did not name', async () => {
    const server = serverWith(anApproval({ id: idLike('apr', 'o'), status: 'decided' }), anApproval());
    await type(approve, { id: 'latest' }, server);
    expect(server.sent).toEqual(sentFor({ decision: 'allow_once' }));
    const two = serverWith(anApproval(), anApproval({ id: idLike('apr', 'b'), title: 'npm test' }));
    await expect(type(approve, { id: 'latest' }, two)).rejects.toMatchObject({
      code: 'usage_invalid',
      message: expect.stringMatching(/2 wait: apr_a.*npm publish.*apr_b.*npm test.*Say which/) as string,
    });
    await expect(type(approve, { id: 'latest' }, serverWith())).rejects.toMatchObject({ code: 'approval_not_found' });
    expect(two.sent).toEqual([]);
  });

  it('says what --session covers before it is sent, and sends that pattern', async () => {
    const server = serverWith(anApproval());
    const { stderr } = await type(approve, { id, session: true }, server);
    expect(stderr).toBe('It covers: shell.exec: npm publish\n');
    expect(server.sent).toEqual(sentFor({ decision: 'allow_session', pattern: PATTERN }));
  });

  it('sends nothing when the action cannot be remembered, or is a question', async () => {
    const server = serverWith(anApproval());
    await expect(type(approve, { id, always: true }, server)).rejects.toMatchObject({
      code: 'decision_invalid',
      message: expect.stringContaining(`tack approve ${id}`) as string,
    });
    const question = serverWith(anApproval({ kind: 'question', options: [] }));
    await expect(type(approve, { id }, question)).rejects.toMatchObject({
      code: 'decision_invalid',
      message: expect.stringContaining('tack answer') as string,
    });
    expect([...server.sent, ...question.sent]).toEqual([]);
    await expect(type(approve, { id, session: true, always: true }, server)).rejects.toThrow(/choose one/);
  });

  it('tells the loser who won, when, and via what', async () => {
    const resolution = {
      decision: 'deny',
      actor: { type: 'user', id: 'ann' },
      via: 'web',
      resolved_at: '2026-11-24T12:05:00.000Z',
    };
    const server = serverWith(anApproval({ status: 'decided', resolution, options: [] }));
    await expect(type(approve, { id }, server)).rejects.toMatchObject({
      code: 'approval_already_resolved',
      message: `${id}: It was answered (deny) by ann via web at 2026-11-24T12:05:00.000Z.`,
      data: resolution,
    });
    expect(server.sent).toEqual([]);
  });

  it('asks again with --again when nobody answered in time, and says so without it', async () => {
    const expired = anApproval({ status: 'expired', can_ask_again: true, options: [] });
    const server = serverWith(expired);
    await expect(type(approve, { id }, server)).rejects.toMatchObject({
      code: 'approval_expired',
      message: expect.stringContaining(`tack approve ${id} --again`) as string,
    });
    await type(approve, { id, again: true }, server);
    expect(server.sent).toEqual([
      { approval_id: idLike('apr', 'n'), body: { digest: DIGEST, decision: 'allow_once' } },
    ]);
  });
});

describe('tack deny', () => {
  it('tells the agent why, and may end the turn', async () => {
    const server = serverWith(anApproval());
    await type(deny, { id, message: 'use the staging registry' }, server);
    await type(deny, { id, stop: true }, server);
    expect(server.sent).toEqual([
      ...sentFor({ decision: 'deny', message: 'use the staging registry' }),
      ...sentFor({ decision: 'deny_and_stop' }),
    ]);
  });
});

describe('tack answer', () => {
  const asking = (...questions: object[]) =>
    serverWith(anApproval({ kind: 'question', request: { preview: { kind: 'question.ask', questions } } }));
  const WHICH = { question: 'Which database?', options: [{ label: 'SQLite' }, { label: 'PostgreSQL' }] };

  it('sends the words, or the suggestion that a letter stands for', async () => {
    const server = asking(WHICH);
    await type(answer, { id, answer: ['none', 'of', 'these'] }, server);
    await type(answer, { id, answer: ['b'] }, server);
    await type(answer, { id, answer: ['z'] }, server);
    expect(server.sent).toEqual(
      ['none of these', 'PostgreSQL', 'z'].flatMap((words) =>
        sentFor({ decision: 'answer', input: { 'Which database?': words } }),
      ),
    );
  });

  it('takes one answer a question, and names the questions otherwise', async () => {
    const server = asking(WHICH, { question: 'Since when?' });
    await type(answer, { id, answer: ['a', 'May'] }, server);
    expect(server.sent).toEqual(
      sentFor({ decision: 'answer', input: { 'Which database?': 'SQLite', 'Since when?': 'May' } }),
    );
    await expect(type(answer, { id, answer: ['a'] }, server)).rejects.toMatchObject({
      code: 'usage_invalid',
      message: 'There are 2 questions and 1 answer: 1. Which database?  2. Since when?',
    });
  });
});
