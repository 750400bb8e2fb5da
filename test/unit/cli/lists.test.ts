/** What lists show: sessions, the inbox, the roles. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ageOf } from '../../../src/cli/age.ts';
import { command as approvals } from '../../../src/cli/commands/approvals.ts';
import { command as ls } from '../../../src/cli/commands/ls.ts';
import { lengthToTell } from '../../../src/cli/shown-id.ts';
import { statusLabel } from '../../../src/cli/status-label.ts';
import { renderTable, type Column } from '../../../src/cli/table.ts';
import type { Session } from '../../../src/api/contract/session.ts';
import { aSession, anApproval, idLike, pageOf, type } from './a-terminal.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-24T15:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

const listing = (...sessions: Session[]) => ({
  client: { sessions: { list: async () => pageOf(sessions), show: async () => sessions[0] ?? aSession() } as never },
});
const widthOf = (columns: number) =>
  Object.defineProperty(process.stdout, 'columns', { value: columns, configurable: true });

describe('tack ls', () => {
  const before = process.stdout.columns;
  afterEach(() => void widthOf(before));
  const sessions = [
    aSession({
      id: idLike('ses', '3fs9c08pz9mm'),
      status: 'requires_action',
      reason: 'approval',
      pending_approvals: 2,
      branch: 'refs/tack/work/fix-the-test-a86s9x',
    }),
    aSession({
      id: idLike('ses', '3fs9c08py111'),
      title: 'A title\nof \u001b[31mtwo\u001b[0m lines',
      reason: 'turn_failed',
    }),
    aSession({ id: idLike('ses', '3fs9b'), agent: 'wild', sandbox: 'none', status: 'closed', reason: 'user' }),
  ];

  it('shows programs whole ids, and everything', async () => {
    const { stdout } = await type(ls, {}, listing(...sessions));
    expect(stdout.split('\n')).toEqual([
      'ID                              STATUS             AGENT              AGE  TITLE                   ASKS  BRANCH',
      `${sessions[0]?.id}  Needs you          claude-code        3h   Fix the failing test    2     tack/fix-the-test-a86s9x`,
      `${sessions[1]?.id}  Idle: turn failed  claude-code        3h   A title ⏎ of two lines`,
      `${sessions[2]?.id}  Closed             wild (no sandbox)  3h   Fix the failing test`,
      '',
    ]);
  });

  it('fits every terminal: columns go before the ids do, titles are cut', async () => {
    for (const columns of [200, 100, 80, 60, 40]) {
      widthOf(columns);
      const { stdout } = await type(ls, {}, { ...listing(...sessions), is_terminal: true });
      const lines = stdout.trimEnd().split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      for (const line of lines.slice(1)) expect(line).toMatch(/^ses_3fs9[bc]\S{3,} /);
      expect(new Set(lines.slice(1).map((line) => line.split(' ')[0])).size).toBe(3);
      expect(stdout).toContain('Needs you');
    }
  });

  it('gives ids only with --quiet, the API’s own list with --json, and says what an empty one means', async () => {
    expect((await type(ls, { quiet: true }, listing(...sessions))).stdout).toBe(
      sessions.map(({ id }) => `${id}\n`).join(''),
    );
    const { stdout } = await type(ls, {}, { ...listing(...sessions), json: true });
    expect(JSON.parse(stdout)).toEqual(pageOf(sessions));
    expect((await type(ls, {}, listing())).stdout).toContain('tack run');
    expect((await type(ls, { status: 'needs-you' }, listing())).stdout).toBe('No session is needs-you.\n');
  });
});

describe('tack approvals', () => {
  const inbox = (...rows: ReturnType<typeof anApproval>[]) => ({
    client: {
      approvals: { list: async () => pageOf(rows), show: async () => rows[0] } as never,
      sessions: { show: async () => aSession() } as never,
    },
  });
  const expires_at = '2026-11-24T17:30:00.000Z';

  it('shows what is asked, by which rule and why, how long it waits, and the commands that answer it', async () => {
    const approval = anApproval({ expires_at });
    const { stdout } = await type(approvals, {}, inbox(approval));
    for (const words of [
      'npm publish --access public',
      'shell.exec',
      '/home/agent/work',
      'needs-a-person',
      'It cannot be taken back.',
      '2 h 30 min',
      'the session pauses',
      `${approval.session_id} “Fix the failing test”`,
      `tack approve ${approval.id}\n`,
      `tack approve ${approval.id} --session   # shell.exec: npm publish\n`,
      `tack deny ${approval.id} -m "why"\n`,
    ])
      expect(stdout).toContain(words);
    expect(stdout).not.toContain('--always');
  });

  it('shows a question with its answer, and what was answered with who, when and via what', async () => {
    const asked = {
      preview: { kind: 'question.ask', questions: [{ question: 'Which one?', options: ['this', 'that'] }] },
    };
    const question = anApproval({ kind: 'question', request: asked, options: [] });
    const { stdout } = await type(approvals, {}, inbox(question));
    expect(stdout).toMatch(/Which one\?[^]*a\) this[^]*b\) that/);
    expect(stdout).toContain(`tack answer ${question.id} "…"`);
    expect(stdout).not.toContain('tack approve');
    const resolution = {
      decision: 'allow_once',
      actor: { type: 'user', id: 'ann' },
      via: 'signal',
      resolved_at: expires_at,
    };
    const old = anApproval({ status: 'decided', resolution, options: [] });
    expect((await type(approvals, { all: true }, inbox(old))).stdout).toContain(
      `It was answered (allow_once) by ann via signal at ${expires_at}`,
    );
  });

  it('cuts a long action in the list, says so, and shows one approval whole', async () => {
    const script = Array.from({ length: 60 }, (_, n) => `echo ${n}`).join('\n');
    const long = anApproval({ request: { preview: { kind: 'shell.exec', cwd: '/w', script }, rules: [] } });
    const listed = (await type(approvals, {}, inbox(long))).stdout;
    expect(listed).not.toContain('echo 59');
    expect(listed).toMatch(/more lines/);
    const whole = (await type(approvals, { id: long.id }, inbox(long))).stdout;
    expect(whole).toContain('echo 59');
  });

  it('obeys nothing that an agent wrote', async () => {
    const script = 'echo \u001b]0;owned\u0007\u001b[2J\u202e';
    const { stdout } = await type(
      approvals,
      {},
      inbox(
        anApproval({
          request: { preview: { kind: 'shell.exec', script }, rules: [{ name: '\u001b[2J', reason: '\u009b31m' }] },
        }),
      ),
    );
    expect(stdout).toContain('echo ␛]0;owned␇␛[2J<U+202E>');
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('says when nothing waits', async () => {
    expect((await type(approvals, {}, inbox())).stdout).toBe('Nothing waits for you.\n');
  });
});

describe('the small words', () => {
  it('say an age in one unit', () => {
    const now = Date.parse('2026-11-24T12:00:00.000Z');
    const ages = [0, 59, 60, 3_599, 3_600, 86_399, 86_400, 40 * 86_400, -5];
    expect(ages.map((seconds) => ageOf(new Date(now - seconds * 1_000).toISOString(), now))).toEqual([
      '0s',
      '59s',
      '1m',
      '59m',
      '1h',
      '23h',
      '1d',
      '40d',
      '0s',
    ]);
  });

  it('say a status, with its reason where that says more; unknown ones as text', () => {
    expect(
      [
        { status: 'idle', reason: 'end_turn' },
        { status: 'idle', reason: 'interrupted' },
        { status: 'paused', reason: 'approval_expired' },
        { status: 'dreaming', reason: 'of_sheep' },
      ].map(statusLabel),
    ).toEqual(['Idle', 'Idle: interrupted', 'Paused: approval expired', 'dreaming: of sheep']);
  });

  it('tell ids apart with as few letters as that takes', () => {
    expect(lengthToTell(['ses_aaaaaaaaaaaa', 'ses_bbbbbbbbbbbb'])).toBe(12);
    expect(lengthToTell(['ses_aaaaaaaaaaaaax', 'ses_aaaaaaaaaaaaay', 'ses_b'])).toBe(18);
    expect(lengthToTell([])).toBe(12);
  });

  it('drop the least column first and cut what may be cut', () => {
    const columns: Column<readonly string[]>[] = [
      { title: 'A', cell: ([a = '']) => a },
      { title: 'B', cell: ([, b = '']) => b, rank: 1 },
      { title: 'C', cell: ([, , c = '']) => c, narrowest: 4 },
    ];
    const at = (width: number | null) =>
      renderTable(columns, [['aaa', 'bbb', 'cccccccc']], { width, dim: (text) => text })[1];
    expect([null, 18, 15, 14, 13, 9, 1].map(at)).toEqual([
      'aaa  bbb  cccccccc',
      'aaa  bbb  cccccccc',
      'aaa  bbb  cccc…',
      'aaa  bbb  ccc…',
      'aaa  cccccccc',
      'aaa  ccc…',
      'aaa  ccc…',
    ]);
  });
});
