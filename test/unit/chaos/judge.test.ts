/** The judges of chaos notice what they are there for. */
import { describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../../src/demo/model-server/record.ts';
import { judgeEffects } from '../../chaos/judge/effects.ts';
import { judgeLog } from '../../chaos/judge/log.ts';
import { judgeRequests } from '../../chaos/judge/requests.ts';
import { commandsOf } from '../../chaos/story.ts';
import type { StoredEvent } from '../../support/stored-log.ts';

const COMMANDS = commandsOf('tool running');
const [FIRST, RUNS] = COMMANDS;
const request = (last: string, command?: string): RecordedRequest =>
  ({
    last,
    calls: command === undefined ? [] : [{ id: 'c', name: 'Bash', input: { command } }],
  }) as unknown as RecordedRequest;
const unknown = request(`Your call \`${RUNS?.command.slice(0, 20)}…\` was started, and its result is unknown: check`);
const judged = (
  effects: readonly string[],
  requests: readonly RecordedRequest[] = [request('go')],
  at_next: readonly string[] | null = null,
) => judgeEffects(effects, COMMANDS, { requests, log: [], at_next }).map(({ what }) => what);

describe('the judge of effects', () => {
  it('wants each command once, in the order of the story', () => {
    expect(judged(['first', 'middle', 'ended', 'last', 'queued'])).toEqual([]);
    expect(judged(['first', 'middle', 'ended', 'last'])).toEqual(['queued 0 times, 1 expected']);
    expect(judged(['first', 'first', 'middle', 'ended', 'last', 'queued'])).toEqual(['first 2 times, 1 expected']);
    expect(judged(['first', 'middle', 'ended', 'queued', 'last'])[0]).toContain('the order is');
    expect(judged(['first', 'middle', 'ended', 'last', 'queued', 'more'])).toEqual(['nobody asked for "more"']);
  });

  it('lets a command that was told as unknown have left less, but nothing after its attempt was over', () => {
    const cut = ['first', 'middle', 'last', 'queued'];
    expect(judged(cut)).toEqual(['ended 0 times, 1 expected']);
    expect(judged(cut, [unknown], ['first', 'middle'])).toEqual([]);
    expect(judged([...cut, 'ended'], [unknown], ['first', 'middle'])).toContain(
      'ended was left by a process whose attempt was over',
    );
  });

  it('lets it run again as often as the model asked for it after it knew', () => {
    const again = ['first', 'middle', 'middle', 'ended', 'last', 'queued'];
    expect(judged(again, [unknown])).toEqual(['middle 2 times, 0 to 1 expected']);
    expect(judged(again, [unknown, request('', RUNS?.command)])).toEqual([]);
    expect(judged(again, [request('', RUNS?.command), unknown])).toEqual(['middle 2 times, 0 to 1 expected']);
    expect(FIRST?.leaves).toEqual(['first']);
  });
});

const event = (type: string, data: Readonly<Record<string, unknown>> = {}): StoredEvent =>
  ({ type, turn_id: 'trn_1', data }) as unknown as StoredEvent;
const numbered = (...events: readonly StoredEvent[]) => events.map((one, n) => ({ ...one, seq: n + 1 }));
const TURN = [event('user.message'), event('turn.started'), event('turn.completed')];
const wrongs = (log: readonly StoredEvent[], before: readonly StoredEvent[] = []) =>
  judgeLog(log, { before, turns: ['trn_1'] }).map(({ what }) => what);

describe('the judge of the log', () => {
  it('wants one turn for each prompt, and what stood there to stand', () => {
    const log = numbered(...TURN);
    expect(wrongs(log, log.slice(0, 2))).toEqual([]);
    expect(wrongs(log, numbered(event('other')))).toEqual(['what stood in the log is another']);
    expect(wrongs(numbered(...TURN, event('turn.completed')))).toEqual(['trn_1 has ^turn\\.completed$ 2 times']);
    expect(wrongs(numbered(TURN[0]!, TURN[1]!, event('turn.failed')))).toContain('trn_1 ends with turn.failed');
  });

  it('notices a doubled call, and a call that ran before its answer', () => {
    const use = event('agent.tool_use', { tool_use_id: 'call_1', approval_id: 'apr_1' });
    expect(wrongs(numbered(...TURN, use, use))).toEqual(['agent.tool_use of call_1 is doubled']);
    const asked = event('approval.requested', { approval: { id: 'apr_1' } });
    const answered = ['approval.resolved', 'grant.created', 'grant.used'].map((type) =>
      event(type, { approval_id: 'apr_1', grant_id: 'grt_1' }),
    );
    expect(wrongs(numbered(...TURN, asked, ...answered, use))).toEqual([]);
    expect(wrongs(numbered(...TURN, asked, use, ...answered))[0]).toContain('apr_1');
  });
});

describe('the judge of requests', () => {
  it('wants the model to have heard each prompt once', () => {
    const heard = (...tags: string[]) => [{ tags } as unknown as RecordedRequest];
    expect(judgeRequests(heard('[[a]]', '[[b]]'), ['Do it. [[a]]', '[[b]]'])).toEqual([]);
    expect(judgeRequests(heard('[[a]]'), ['[[a]]', '[[b]]'])).toHaveLength(1);
    expect(judgeRequests(heard('[[a]]', '[[a]]'), ['[[a]]'])).toHaveLength(1);
  });
});
