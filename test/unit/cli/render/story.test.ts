import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../../src/domain/events/vocabulary.ts';
import { ANN, begins, delta, event, lost, open, result, said, shown, snapshot, used } from './a-story.ts';

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

describe('the view of a session', () => {
  it('shows a whole turn: who asked, words once, a card a call, what came of it, what it used', () => {
    const { screen, words } = shown([
      event('session.created', {
        title: 'fix it',
        agent: 'claude-code',
        harness: 'claude-code',
        model: 'sonnet',
        sandbox: 'bubblewrap',
      }),
      event(
        'user.message',
        { delivery: 'start', content: [{ type: 'text', text: 'fix the test' }] },
        { actor: ANN, via: 'cli' },
      ),
      event('turn.started'),
      begins('itm_1'),
      delta('itm_1', 'I will '),
      delta('itm_1', 'run the tests.'),
      said('itm_1', 'I will run the tests.'),
      event('policy.evaluated', { tool_use_id: 'c1', title: 'npm test', effect: 'allow', rules: [] }),
      used('c1', 'Bash', 'npm test'),
      result('c1', '1 passed', {}, 1_200),
      event('usage.recorded', { input_tokens: 1204, output_tokens: 56, cache_read_tokens: 20_000 }),
      said('itm_2', 'All green.'),
      event('turn.completed', { stop_reason: 'end_turn' }, { at: 3_000 }),
    ]);
    expect(screen).toBe(
      lines(
        'ses_1 · fix it',
        '  claude-code · sonnet',
        '› fix the test',
        'I will run the tests.',
        '● Bash  npm test',
        '  ⎿ 1 passed · 1.2 s',
        'All green.',
        '✓ Done · 1 call · 3.0 s · 1,204 tokens in (+20,000 cached), 56 out',
      ),
    );
    expect(words).toBe('I will run the tests.\nAll green.\n');
  });

  it('shows an edit as a difference with its colours, and the worktree as the place where paths begin', () => {
    const edit = used('c1', 'Edit', 'Edit /home/agent/work/src/a.js', {
      kind: 'edit',
      input: { file_path: '/home/agent/work/src/a.js', old_string: 'a\nb - c\nd', new_string: 'a\nb + c\nd' },
    });
    expect(shown([edit]).screen).toBe(lines('● Edit  src/a.js', '      a', '    - b - c', '    + b + c', '      d'));
    const coloured = shown([edit], { colors: true }).screen;
    expect(coloured).toContain('\u001b[31m    - b - c\u001b[39m');
    expect(coloured).toContain('\u001b[32m    + b + c\u001b[39m');
  });

  it('keeps the beginning and the end of a long result, and only counts what was read', () => {
    const output = Array.from({ length: 30 }, (_, n) => `line ${n + 1}`).join('\n');
    expect(shown([used('c1', 'Bash', 'seq 30'), result('c1', output)]).screen).toBe(
      lines(
        '● Bash  seq 30',
        '  ⎿ line 1 · 0 ms',
        '    line 2',
        '    line 3',
        '    … 23 more lines',
        '    line 27',
        '    line 28',
        '    line 29',
        '    line 30',
      ),
    );
    expect(shown([used('c1', 'Read', 'Read a.txt', { kind: 'read' }), result('c1', output)]).screen).toBe(
      lines('● Read  a.txt', '  ⎿ 30 lines · 0 ms'),
    );
  });

  it('names the call of a result that does not follow its card', () => {
    expect(
      shown([used('c1', 'Bash', 'one'), used('c2', 'Bash', 'two'), result('c1', 'first'), result('c2', 'second')])
        .screen,
    ).toBe(lines('● Bash  one', '● Bash  two', '  ⎿ Bash one: first · 0 ms', '  ⎿ Bash two: second · 0 ms'));
  });

  it('says the text once, also when a card came between its words and the stored item', () => {
    expect(shown([begins('i'), delta('i', 'Look:'), used('c1', 'Bash', 'ls'), said('i', 'Look:')]).screen).toBe(
      lines('Look:', '● Bash  ls'),
    );
    expect(shown([begins('i'), delta('i', 'Look:'), used('c1', 'Bash', 'ls'), said('i', 'Look: here')]).screen).toBe(
      lines('Look:', '● Bash  ls', ' here'),
    );
  });

  it('breaks no line of the words where they go to a file of their own', () => {
    const { words } = shown([
      begins('i'),
      delta('i', 'Look:'),
      used('c1', 'Bash', 'ls'),
      lost,
      said('i', 'Look: here'),
      said('j', 'Next.'),
    ]);
    expect(words).toBe('Look: here\nNext.\n');
  });

  it('makes half a text whole after a reconnect, without a word twice', () => {
    const { screen } = shown([
      open,
      begins('i'),
      delta('i', 'one two'),
      lost,
      lost,
      open,
      begins('i'),
      snapshot('i', 'one two three'),
      delta('i', ' four'),
      said('i', 'one two three four'),
    ]);
    expect(screen).toBe(
      lines('one two', '… reconnecting: nothing is lost, the session runs on', '… connected again', ' three four'),
    );
  });

  it('waits for the stored item where a restarted server knows only the end of a text', () => {
    const { screen } = shown([
      open,
      begins('i'),
      delta('i', 'one two'),
      lost,
      open,
      begins('i', 'unknown'),
      snapshot('i', 'four'),
      delta('i', ' five'),
      begins('j', 'unknown'),
      snapshot('j', 'x'),
      delta('j', 'y'),
      delta('k', 'z'),
      said('i', 'one two three four five'),
    ]);
    expect(screen).toBe(
      lines('one two', '… reconnecting: nothing is lost, the session runs on', '… connected again', ' three four five'),
    );
  });

  it('shows the stored item anew where other words were streamed: it is what counts', () => {
    expect(shown([begins('i'), delta('i', 'one tw'), said('i', 'three four')]).screen).toBe(
      lines('one tw', 'three four'),
    );
  });

  it('tells a refusal by policy with rule and reason, and that the call was not run', () => {
    const { screen } = shown([
      event('policy.evaluated', {
        tool_use_id: 'c1',
        title: 'cat .env',
        effect: 'deny',
        action: { kind: 'shell.exec' },
        rules: [{ name: 'secrets', level: 'shipped', reason: 'It may hold secrets.' }],
      }),
      result('c1', 'It may hold secrets. (rule secrets)', { is_error: true, not_run: 'denied' }),
    ]);
    expect(screen).toBe(
      lines(
        '✗ Denied by policy: cat .env',
        '    rule     secrets (shipped): It may hold secrets.',
        '  ⎿ shell.exec cat .env: not run: It may hold secrets. (rule secrets)',
      ),
    );
  });

  it('says loudly that a session has no sandbox', () => {
    const created = (sandbox: string) =>
      event('session.created', { title: 't', agent: 'a', harness: 'claude-code', sandbox });
    expect(shown([created('none')]).screen).toMatch(/NO SANDBOX .*bare machine/);
    expect(shown([created('none')], { colors: true }).screen).toContain('\u001b[7m\u001b[31m NO SANDBOX ');
    expect(shown([created('bubblewrap')]).screen).not.toMatch(/SANDBOX/);
  });

  it('tells a suspended turn with the way to answer, and why a turn goes on', () => {
    const { screen } = shown([
      event('turn.started'),
      event('turn.suspended', { approval_ids: ['apr_1', 'apr_2'] }),
      event('turn.resumed', { after: 'approval', attempt: 2 }),
      event('turn.resumed', { after: 'crash', attempt: 2, unknown_calls: [{ tool_use_id: 'c1', title: 'x' }] }),
      event('turn.resumed', { after: 'host_lost', attempt: 3 }),
      event('turn.resumed', { after: 'moved', attempt: 4 }),
    ]);
    expect(screen).toBe(
      lines(
        '■ Suspended: nobody has answered yet. No process of the session is left; it goes on with the answer, also after days:',
        '    tack approve apr_1 · tack deny apr_1 -m "why"',
        '    tack approve apr_2 · tack deny apr_2 -m "why"',
        '▶ The turn goes on with the answer (attempt 2)',
        '▶ The turn goes on after a crash of its worker or harness (attempt 2; 1 call with an unknown result)',
        '▶ The turn goes on: its worker was lost (attempt 3)',
        '▶ The turn goes on in a fresh attempt (attempt 4)',
      ),
    );
  });

  it('tells a failed turn with the reason and the way out, and a stopped one with who stopped it', () => {
    expect(shown([event('turn.failed', { error: { code: 'credential_missing', message: 'No key.' } })]).screen).toBe(
      lines(
        '✗ The turn failed (credential_missing)',
        '  No key.',
        '  Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) and run it again. Logging in by subscription comes later.',
      ),
    );
    expect(shown([event('turn.cancelled', {}, { actor: ANN, via: 'web' })]).screen).toBe(
      lines('■ The turn was stopped by ann via web'),
    );
  });

  it('says where a message goes and who sent it from elsewhere', () => {
    const message = (delivery: string, via: 'cli' | 'web') =>
      event('user.message', { delivery, content: [{ type: 'text', text: 'more' }] }, { actor: ANN, via });
    expect(shown([message('steer', 'cli'), message('queue', 'web')]).screen).toBe(
      lines('› more (into the running turn)', '› more (waits for its turn) (ann via web)'),
    );
  });

  it('shows a type of a newer server by its name', () => {
    expect(shown([event('mode.changed' as 'session.created', { to: 'plan' })]).screen).toBe(lines('  mode.changed'));
  });

  it.each(EVENT_TYPES)('takes a %s that says nothing at all', (type) => {
    const { screen } = shown([event('turn.started'), event(type)]);
    expect(screen).not.toMatch(/undefined|NaN|\[object/);
  });
});
