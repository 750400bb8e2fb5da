/** What the log says about a turn, folded; what it makes of it for the model; and how many attempts brought nothing. */
import { describe, expect, it } from 'vitest';
import { foldHistory } from '../../../src/activities/run-turn/history.ts';
import { resumeNote } from '../../../src/activities/run-turn/note.ts';
import { countAttempt } from '../../../src/activities/run-turn/progress.ts';
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import type { EventType } from '../../../src/domain/events/vocabulary.ts';
import type { NewEvent } from '../../../src/domain/events/new-event.ts';
import type { Answer, TurnInput } from '../../../src/domain/turn.ts';
import { ANNA } from '../domain/session/a-session.ts';

type Said = readonly [EventType, Record<string, unknown>?];
const logOf = (...said: readonly Said[]): Envelope[] =>
  said.map(
    ([type, data = {}], n) => ({ type, data, seq: n + 1, turn_id: 'trn_1', actor: ANNA }) as unknown as Envelope,
  );

const started: Said = ['turn.started'];
const resumed = (after: string): Said => ['turn.resumed', { after }];
const spoke: Said = ['agent.message'];
const call = (n: number, approval_id?: string): Said => [
  'agent.tool_use',
  { tool_use_id: `call_${n}`, title: `make ${n}`, ...(approval_id && { approval_id }) },
];
const result = (n: number): Said => ['agent.tool_result', { tool_use_id: `call_${n}` }];
const asked = (id: string, again = false): Said => [
  'approval.requested',
  { approval: { id, digest: 'd', title: `ask ${id}` }, ...(again && { again }) },
];
const resolved = (approval_id: string, decision?: string, outcome = 'decided', more = {}): Said => [
  'approval.resolved',
  { approval_id, outcome, ...(decision && { decision }), ...more },
];
const answer = (approval_id: string, decision: Answer['decision']): Answer => ({
  approval_id,
  digest: 'd',
  decision,
  actor: ANNA,
  via: 'cli',
});

describe('the history of a turn', () => {
  it('knows the calls that started in the last attempt and never ended, and forgets those of earlier ones', () => {
    const history = foldHistory(
      logOf(started, call(1), call(2), result(1), resumed('crash'), call(3), call(4), result(4)),
    );
    expect(history.unknown_calls).toEqual([{ tool_use_id: 'call_3', title: 'make 3' }]);
  });

  it('still knows them after an attempt that got nowhere: nobody told the model', () => {
    const history = foldHistory(logOf(started, call(1), resumed('crash'), resumed('crash')));
    expect(history.unknown_calls).toEqual([{ tool_use_id: 'call_1', title: 'make 1' }]);
  });

  it('takes a refusal for used up at once, an allow only with its grant or its call', () => {
    const { approvals, used_grants } = foldHistory(
      logOf(
        started,
        ...['a', 'b', 'c', 'd', 'e'].map((id) => asked(id)),
        resolved('a', 'deny'),
        resolved('b', 'allow_once'),
        resolved('c', 'allow_once'),
        ['grant.used', { grant_id: 'g', approval_id: 'c' }],
        resolved('d', undefined, 'expired'),
      ),
    );
    expect([...approvals.values()].map(({ approval_id, status, used }) => [approval_id, status, used])).toEqual([
      ['a', 'decided', true],
      ['b', 'decided', false],
      ['c', 'decided', true],
      ['d', 'expired', true],
      ['e', 'pending', false],
    ]);
    expect([...used_grants]).toEqual(['g']);
  });

  it('has begun when something came of the message, not when it was only asked', () => {
    expect(foldHistory(logOf(started)).begun).toBe(false);
    expect(foldHistory(logOf(started, spoke)).begun).toBe(true);
  });
});

describe('attempts without progress', () => {
  const count = async (tries: number, ...said: readonly Said[]) => {
    const written: NewEvent[] = [];
    const input = { turn_id: 'trn_1', attempt: 1 } as TurnInput;
    await countAttempt({
      input,
      tries,
      history: foldHistory(logOf(...said)),
      append: async (_, events) => void written.push(...events),
    });
    return written.map(({ data }) => data['after']);
  };
  const GIVES_UP = { code: 'turn_no_progress' };

  it('say how the one before ended, each in the log and the last one in the error', async () => {
    const written: NewEvent[] = [];
    const attempted = (tries: number, ...said: readonly Said[]) =>
      countAttempt({
        input: { turn_id: 'trn_1', attempt: 1 } as TurnInput,
        tries,
        reason: 'sandbox_failed: no /proc.',
        history: foldHistory(logOf(...said)),
        append: async (_, events) => void written.push(...events),
      });
    await attempted(2, started);
    expect(written.map(({ data }) => data['reason'])).toEqual(['sandbox_failed: no /proc.']);
    await expect(attempted(4, started, resumed('crash'), resumed('crash'))).rejects.toThrow(
      '3 attempts brought nothing new; the last one ended with sandbox_failed: no /proc.',
    );
  });

  it('are three, then the turn gives up', async () => {
    expect(await count(1, started)).toEqual([]);
    expect(await count(2, started)).toEqual(['crash']);
    expect(await count(3, started, resumed('crash'))).toEqual(['crash']);
    await expect(count(4, started, resumed('crash'), resumed('crash'))).rejects.toMatchObject(GIVES_UP);
  });

  it('are counted over lost hosts, too', async () => {
    expect(await count(1, started, resumed('host_lost'), resumed('host_lost'))).toEqual([]);
    await expect(
      count(1, started, resumed('host_lost'), resumed('host_lost'), resumed('host_lost')),
    ).rejects.toMatchObject(GIVES_UP);
  });

  it('are counted from the last thing that came of one: a word, a call, a new question', async () => {
    for (const news of [spoke, call(1), result(1), asked('a')])
      expect(await count(4, started, resumed('crash'), news, resumed('crash'), resumed('crash'))).toEqual(['crash']);
    await expect(
      count(4, started, resumed('crash'), asked('a', true), resumed('crash'), resumed('crash')),
    ).rejects.toMatchObject(GIVES_UP); // the same question once more is nothing new
  });

  it('are not those that a person or a move made necessary', async () => {
    expect(await count(1, started, spoke, ...Array(5).fill(resumed('approval')))).toEqual([]);
    expect(await count(1, started, spoke, ...Array(5).fill(resumed('moved')))).toEqual([]);
  });
});

describe('what the model is told', () => {
  const note = (
    said: readonly Said[],
    answers: readonly Answer[] = [],
    words: readonly (readonly [string, string])[] = [],
  ) => resumeNote({ history: foldHistory(logOf(...said)), answers, words: new Map(words) })?.split('\n') ?? null;

  it('is the message itself as long as nothing came of it', () => {
    expect(note([started, resumed('crash')])).toBeNull();
  });

  it('says of each call what became of it', () => {
    const said = [started, call(1), asked('a'), asked('b'), asked('c'), asked('d'), asked('e')];
    const answered = [
      resolved('a', 'allow_once'),
      resolved('b', 'deny'),
      resolved('d', undefined, 'expired'),
      resolved('e', 'answer'),
    ];
    expect(
      note(
        [...said, ...answered],
        [answer('a', 'allow_once'), answer('b', 'deny'), answer('e', 'answer')],
        [
          ['b', 'No.'],
          ['e', 'red'],
        ],
      ),
    ).toEqual([
      'The session was interrupted and goes on now.',
      'Your call `ask a` was approved by user:anna: run exactly it again.',
      'Your call `ask b` was refused by user:anna: No.',
      'Your call `ask c` was not run and still waits for an approval: run exactly it again.',
      'Your call `ask d` was refused: nobody answered in time.',
      'Your call `ask e` was answered by user:anna: red',
      'Your call `make 1` was started, and its result is unknown: check whether it took effect before you run it again.',
      'No other call of yours without a result, or a word about it, was run: make it again if it is still needed.',
      'Go on with the task.',
    ]);
  });

  it('knows from the log what was answered while its worker was dead', () => {
    const said = [started, spoke, asked('a'), asked('b'), asked('c'), resumed('crash')];
    const answered = [
      resolved('a', 'allow_once'),
      resolved('b', 'deny', 'decided', { message: 'Not on a Friday.' }),
      resolved('c', 'answer', 'decided', { input: { color: 'red' } }),
    ];
    expect(note([...said, ...answered])).toEqual([
      'The session was interrupted and goes on now.',
      'Your call `ask a` was approved by user:anna: run exactly it again.',
      'Your call `ask b` was refused by user:anna: Not on a Friday.',
      'Your call `ask c` was answered by user:anna: {"color":"red"}',
      'No other call of yours without a result, or a word about it, was run: make it again if it is still needed.',
      'Go on with the task.',
    ]);
  });

  it('asks for a call again whose question was not in the log yet when its worker died', () => {
    expect(note([started, call(1), result(1), resumed('crash')])).toEqual([
      'The session was interrupted and goes on now.',
      'No other call of yours without a result, or a word about it, was run: make it again if it is still needed.',
      'Go on with the task.',
    ]);
  });

  it('does not repeat what the model has heard', () => {
    const said = [
      started,
      asked('a'),
      resolved('a', 'deny'),
      spoke,
      asked('b'),
      resolved('b', 'allow_once'),
      call(1, 'b'),
      result(1),
    ];
    expect(note(said, [answer('a', 'deny'), answer('b', 'allow_once')])).toEqual([
      'The session was interrupted and goes on now.',
      'No other call of yours without a result, or a word about it, was run: make it again if it is still needed.',
      'Go on with the task.',
    ]);
  });
});
