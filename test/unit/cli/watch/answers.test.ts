import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../../src/api/contract/approval.ts';
import { askFor, firstStep, replyTo, type Reply, type Step } from '../../../../src/cli/watch/answers.ts';

const PATTERN = { on: 'shell.exec', commands: ['npm test'] };
const DIGEST = 'd'.repeat(64);

function anApproval(over: Partial<Approval> = {}): Approval {
  return {
    object: 'approval',
    id: 'apr_1',
    session_id: 'ses_1',
    turn_id: 'trn_1',
    kind: 'tool',
    status: 'pending',
    title: 'npm test',
    digest: DIGEST,
    request: {},
    options: [
      { decision: 'allow_once', label: 'Allow once', pattern: null },
      { decision: 'allow_session', label: 'Allow in this session', pattern: PATTERN },
      { decision: 'deny', label: 'Deny', pattern: null },
    ],
    can_ask_again: false,
    resolution: null,
    requested_at: '2026-11-24T10:00:00.000Z',
    expires_at: '2026-11-27T10:00:00.000Z',
    ...over,
  };
}

/** Types lines one after the other; the last reply. */
function talk(approval: Approval, ...lines: readonly string[]): Reply {
  let step: Step = firstStep(approval);
  let reply: Reply = { do: 'tell', line: '' };
  for (const line of lines) {
    reply = replyTo(approval, step, line);
    if (reply.do === 'ask') ({ step } = reply);
  }
  return reply;
}

describe('an answer that is typed', () => {
  it('is y for once, a for the session with the shown pattern, n and x with words, each with the digest that was shown', () => {
    const approval = anApproval();
    const decided = (decision: string, more = {}) => ({ do: 'decide', body: { digest: DIGEST, decision, ...more } });
    expect(talk(approval, 'y')).toEqual(decided('allow_once'));
    expect(talk(approval, 'a')).toEqual(decided('allow_session', { pattern: PATTERN }));
    expect(talk(approval, 'n', 'use staging')).toEqual(decided('deny', { message: 'use staging' }));
    expect(talk(approval, 'n', '')).toEqual(decided('deny'));
    expect(talk(approval, 'x', 'enough')).toEqual(decided('deny_and_stop', { message: 'enough' }));
  });

  it.each(['', ' ', 'yy', 'sure', 'allow', '1', 'ya', 'y y', 'a session'])('decides nothing for %j', (line) => {
    expect(talk(anApproval(), line).do).toBe('tell');
  });

  it('does not offer or take a session allow where the rules let it be once only', () => {
    const once = anApproval({ options: [{ decision: 'allow_once', label: 'Allow once', pattern: null }] });
    expect(askFor(once, firstStep(once))).not.toContain('[a]');
    expect(talk(once, 'a')).toEqual({ do: 'tell', line: 'This can be allowed once only: y, or n.' });
    expect(askFor(anApproval(), { at: 'choose' })).toContain('[a] session');
  });

  it('answers a question by words or by the letter of a choice, one after the other', () => {
    const question = (preview: unknown) => anApproval({ kind: 'question', request: { preview } });
    const one = question({
      questions: [{ question: 'Which?', options: [{ label: 'Postgres' }, { label: 'SQLite' }] }],
    });
    const answer = (input: unknown) => ({ do: 'decide', body: { digest: DIGEST, decision: 'answer', input } });
    expect(talk(one, 'b')).toEqual(answer({ 'Which?': 'SQLite' }));
    expect(talk(one, 'neither')).toEqual(answer({ 'Which?': 'neither' }));
    expect(talk(one, '').do).toBe('tell');
    const two = question({
      questions: [{ question: 'One?' }, { question: 'Two?', multiSelect: true, options: ['x', 'y', 'z'] }],
    });
    expect(talk(two, 'first')).toMatchObject({ do: 'ask' });
    expect(talk(two, 'first', 'a, c')).toEqual(answer({ 'One?': 'first', 'Two?': 'x, z' }));
    expect(talk(one, '/deny', 'not now')).toEqual({
      do: 'decide',
      body: { digest: DIGEST, decision: 'deny', message: 'not now' },
    });
  });
});
