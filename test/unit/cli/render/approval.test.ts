import { describe, expect, it } from 'vitest';
import { ANN, event, shown } from './a-story.ts';

const lines = (...all: readonly string[]) => `${all.join('\n')}\n`;

const RULE = { name: 'migrations', level: 'agent', reason: 'Schema changes need a person.' };
const asked = (over: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}) =>
  event('approval.requested', {
    approval: {
      id: 'apr_1',
      kind: 'tool',
      title: 'npm run db:migrate',
      name: 'Bash',
      preview: {
        kind: 'shell.exec',
        cwd: '/home/agent/work',
        script: 'npm run db:migrate',
        env: {},
        background: false,
        files: [],
      },
      rules: [RULE],
      pattern: { on: 'shell.exec', commands: ['npm run db:migrate'] },
      on_expiry: 'pause',
      expires_at: '2026-11-27T10:00:00.000Z',
      ...over,
    },
    ...more,
  });
const resolved = (data: Readonly<Record<string, unknown>>, via: 'web' | 'cli' | 'signal' = 'web') =>
  event('approval.resolved', { approval_id: 'apr_1', outcome: 'decided', ...data }, { actor: ANN, via });

describe('an approval on the screen', () => {
  it('shows exactly what would run, which rule asks and why, what a session allow covers, how long it waits, how it is answered', () => {
    expect(shown([asked()]).screen).toBe(
      lines(
        '▲ Needs you: shell.exec',
        '    npm run db:migrate',
        '    rule     migrations (agent): Schema changes need a person.',
        '    session  would also allow shell.exec: npm run db:migrate',
        '    expires  in 72 h, then the session pauses',
        '    answer   tack approve apr_1 · tack deny apr_1 -m "why"',
      ),
    );
    expect(shown([asked({ on_expiry: 'deny' })]).screen).toContain('expires  in 72 h, then it is denied');
    expect(shown([asked({}, { again: true })]).screen).toContain('▲ Still needs you: shell.exec');
  });

  it('never shortens a line of the command, and says when lines are missing', () => {
    const script = `${'x'.repeat(400)}; rm -rf /`;
    expect(shown([asked({ preview: { kind: 'shell.exec', script } })], { width: 60 }).screen).toContain(script);
    const long = Array.from({ length: 60 }, (_, n) => `step ${n}`).join('\n');
    expect(shown([asked({ preview: { kind: 'shell.exec', script: long } })]).screen).toContain(
      '… 20 more lines: not all is shown',
    );
  });

  it('shows what surrounds a command, and the fields of any other action', () => {
    const preview = {
      kind: 'shell.exec',
      script: './x.sh',
      background: true,
      env: { PATH: 'd1' },
      files: [
        { path: 'x.sh', blob: 'b1' },
        { path: 'y\nz.sh', blob: 'b2' },
      ],
    };
    expect(shown([asked({ preview })]).screen).toContain(
      lines(
        '    ./x.sh',
        '    background: true',
        '    env: {"PATH":"d1"}',
        '    file: x.sh (b1)',
        '    file: y ⏎ z.sh (b2)',
      ),
    );
    const request = { kind: 'net.request', cwd: '/w', method: 'GET', host: 'example.org', port: 443, path: '/a' };
    expect(shown([asked({ preview: request, pattern: null })]).screen).toContain(
      lines('▲ Needs you: net.request', '    method: GET', '    host: example.org', '    port: 443', '    path: /a'),
    );
  });

  it('shows a write as its difference', () => {
    const preview = {
      kind: 'file.write',
      paths: ['/home/agent/work/.git/config'],
      change: 'modify',
      content_digest: 'd',
    };
    const input = { file_path: '.git/config', old_string: 'bare = false', new_string: 'bare = true' };
    expect(shown([asked({ preview, input })]).screen).toContain(
      lines(
        '    paths: ["/home/agent/work/.git/config"]',
        '    change: modify',
        '    content_digest: d',
        '    - bare = false',
        '    + bare = true',
      ),
    );
  });

  it('shows a question with its choices, and a plan as it was written', () => {
    const questions = [
      { question: 'Which database?', options: [{ label: 'Postgres', description: 'big' }, { label: 'SQLite' }] },
    ];
    expect(
      shown([asked({ kind: 'question', preview: { kind: 'question.ask', questions }, rules: [], pattern: null })])
        .screen,
    ).toBe(
      lines(
        '▲ Needs you: the agent asks',
        '    Which database?',
        '      a) Postgres: big',
        '      b) SQLite',
        '    expires  in 72 h, then the session pauses',
        '    answer   tack answer apr_1 "…" · tack deny apr_1 -m "why"',
      ),
    );
    expect(
      shown([asked({ kind: 'plan', input: { plan: '1. Read\n2. Write' }, preview: { kind: 'plan.propose' } })]).screen,
    ).toContain(lines('▲ Needs you: the agent proposes a plan', '    1. Read', '    2. Write'));
  });

  it.each([
    [{ decision: 'allow_once' }, '✓ Allowed once by ann via web: npm run db:migrate'],
    [
      { decision: 'allow_session', pattern: { on: 'shell.exec', commands: ['npm run'] } },
      '✓ Allowed in this session by ann via web: shell.exec: npm run',
    ],
    [
      { decision: 'allow_always', pattern: { on: 'shell.exec', commands: ['npm run'] } },
      '✓ Always allowed in this project by ann via web: shell.exec: npm run',
    ],
    [{ decision: 'deny', message: 'use staging' }, '✗ Denied by ann via web: npm run db:migrate “use staging”'],
    [{ decision: 'deny_and_stop' }, '✗ Denied and stopped by ann via web: npm run db:migrate'],
    [{ decision: 'answer', input: { 'Which database?': 'SQLite' } }, '✓ Answered by ann via web: SQLite'],
    [{ outcome: 'expired' }, '■ Nobody answered in time: npm run db:migrate'],
    [{ outcome: 'cancelled' }, '– No answer is needed any more: npm run db:migrate'],
  ])('says who answered and through what: %j', (data, line) => {
    expect(
      shown([asked(), resolved(data)])
        .screen.trimEnd()
        .split('\n')
        .at(-1),
    ).toBe(line);
  });

  it('tells an allow that was agreed before only when it is used again', () => {
    const use = event('grant.used', { grant_id: 'grt_1', approval_id: 'apr_1' });
    expect(shown([use]).screen).toBe('');
    expect(shown([use, use]).screen).toBe(lines('  allowed by what was agreed before (grt_1)'));
  });
});
