import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TackError } from '../../../../src/domain/errors.ts';
import type { Engine } from '../../../../src/domain/ports/engine.ts';
import { cuttingProxy } from '../../../support/cutting-proxy.ts';
import type { Terminal } from '../../../support/terminal.ts';
import { until } from '../../../support/until.ts';
import { begins, DIGEST, DONE, delta, message, openStage, showRow, type Played, type Stage } from './a-stage.ts';

let stage: Stage;
let session: Played;
let decides: Engine['decideApproval'];

beforeEach(async () => {
  decides = async (_id, { approval_id, decision, actor, via }) => ({
    approval_id,
    decision,
    actor,
    via,
    resolved_at: '2026-11-24T00:00:00.000Z',
    grant_id: null,
  });
  stage = await openStage({ engine: { decideApproval: (...args) => decides(...args) } });
  session = await stage.running();
});
afterEach(() => stage.close());

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const told = (name: string) => stage.rig.told.filter((one) => one.name === name).map(({ args }) => args);
const ann = { actor: { type: 'user', id: 'ann' }, via: 'web' } as const;

async function attached(): Promise<Terminal> {
  const terminal = stage.terminal(['attach', session.id]);
  await terminal.shows(session.id);
  return terminal;
}

describe('tack attach in a terminal', () => {
  it('asks what waits, sends the digest that was shown, and goes on', async () => {
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('Allow? [y] once [a] session [n] deny');
    expect(terminal.rows()).toContain('    rule     migrations (agent): Schema changes need a person.');
    terminal.type(`y${ENTER}`);
    await until('the decision', () => told('decideApproval').length > 0);
    expect(told('decideApproval')[0]?.[1]).toMatchObject({
      approval_id: 'apr_1',
      digest: DIGEST,
      decision: 'allow_once',
      via: 'cli',
    });
    await session.answered('apr_1', { decision: 'allow_once' }, { actor: ann.actor, via: 'cli' });
    await terminal.shows('✓ Allowed once by ann via cli: npm run db:migrate');
    await terminal.hides('Allow?');
  });

  it('shows what a session allow covers before it is given, and asks for the reason of a deny', async () => {
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('session  would also allow shell.exec: npm run db:migrate');
    await terminal.shows('Allow?');
    terminal.type(`a${ENTER}`);
    await until('the decision', () => told('decideApproval').length === 1);
    await session.answered('apr_1', { decision: 'allow_session' });
    await session.asks('apr_2');
    await terminal.shows('tack approve apr_2');
    await terminal.shows('Allow?');
    terminal.type(`n${ENTER}`);
    await terminal.shows('Why not?');
    terminal.type(`use staging${ENTER}`);
    await until('the deny', () => told('decideApproval').length === 2);
    expect(told('decideApproval').map(([, decision]) => decision)).toMatchObject([
      {
        approval_id: 'apr_1',
        decision: 'allow_session',
        pattern: { on: 'shell.exec', commands: ['npm run db:migrate'] },
      },
      { approval_id: 'apr_2', decision: 'deny' },
    ]);
    expect([...stage.rig.store.kept.values()]).toContain('use staging');
  });

  it('decides nothing by Enter alone, by other words, or by what is pasted', async () => {
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('Allow?');
    terminal.type(ENTER);
    await terminal.shows('Nothing was answered.');
    terminal.type(`sure${ENTER}`);
    terminal.type(`\u001b[200~y\ry\r\u001b[201~`);
    await terminal.shows('y⏎y⏎');
    terminal.type('\u0015'); // Ctrl-U
    await terminal.hides('y⏎y⏎');
    expect(told('decideApproval')).toEqual([]);
    terminal.type(`y${ENTER}`); // the control: typed, it counts
    await until('the decision', () => told('decideApproval').length === 1);
  });

  it('takes the question away when somebody else was first, and says who and via what', async () => {
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('Allow?');
    await session.answered('apr_1', { decision: 'deny', message: 'not today' }, ann);
    await terminal.shows('✗ Denied by ann via web: npm run db:migrate “not today”');
    await terminal.hides('Allow?');
    terminal.type(`y${ENTER}`); // now it is a message
    await until('the message', () => told('say').length > 0);
    expect(told('decideApproval')).toEqual([]);
  });

  it('takes what was typed for one question as an answer to no other', async () => {
    const read = vi.spyOn(stage.rig.store.projections, 'approval');
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('Allow?');
    terminal.type('y');
    await terminal.shows('view › y');
    await session.answered('apr_1', { decision: 'deny' }, ann);
    await session.asks('apr_2');
    await session.happens(message('i', 'Words that come last.'));
    await until('the terminal to read it', () => read.mock.calls.some(([id]) => id === 'apr_2'));
    terminal.type(ENTER);
    await terminal.shows('Words that come last.');
    await terminal.shows('That question is gone: nothing was answered.');
    expect(told('decideApproval')).toEqual([]);
    await terminal.shows('Allow?');
    terminal.type(`y${ENTER}`); // the control: after the second card was shown, it counts
    await until('the decision', () => told('decideApproval').length === 1);
    expect(told('decideApproval')[0]?.[1]).toMatchObject({ approval_id: 'apr_2' });
  });

  it('tells the loser of a race who won', async () => {
    decides = async () => {
      throw new TackError('approval_already_resolved', 'apr_1 was answered (deny) by ann via web at 10:00.');
    };
    const terminal = await attached();
    await session.asks('apr_1');
    await terminal.shows('Allow?');
    terminal.type(`y${ENTER}`);
    await terminal.shows('✗ apr_1 was answered (deny) by ann via web at 10:00.');
  });

  it('asks what waited before it came, and nothing that was answered before', async () => {
    await session.asks('apr_1');
    await session.answered('apr_1', { decision: 'allow_once' });
    await session.asks('apr_2');
    showRow(stage.rig, session.id, 5, 'requires_action');
    const terminal = await attached();
    await terminal.shows('Allow?');
    terminal.type(`y${ENTER}`);
    await until('the decision', () => told('decideApproval').length > 0);
    expect(told('decideApproval').map(([, decision]) => (decision as { approval_id: string }).approval_id)).toEqual([
      'apr_2',
    ]);
  });

  it('offers to ask again when nobody answered in time', async () => {
    const terminal = await attached();
    await session.asks('apr_1');
    await session.answered('apr_1', { outcome: 'expired' });
    await terminal.shows('Nobody answered in time. Ask again?');
    terminal.type(`y${ENTER}`);
    await until('the second asking', () => told('askAgain').length === 1);
  });

  it('answers a question of the agent', async () => {
    const terminal = await attached();
    const preview = {
      kind: 'question.ask',
      questions: [{ question: 'Which?', options: [{ label: 'Postgres' }, { label: 'SQLite' }] }],
    };
    await session.asks('apr_1', {
      kind: 'question',
      approval: { id: 'apr_1', kind: 'question', title: 'question.ask', preview, rules: [] },
    });
    await terminal.shows('b) SQLite');
    await terminal.shows('Your answer');
    terminal.type(`b${ENTER}`);
    await until('the answer', () => told('decideApproval').length > 0);
    expect([...stage.rig.store.kept.values()]).toContain('{"Which?":"SQLite"}');
  });

  it('interrupts the turn at the first Ctrl-C, detaches at the second, and says both', async () => {
    const terminal = await attached();
    terminal.type(CTRL_C);
    await terminal.shows('Interrupting the turn … Ctrl-C again detaches: the session runs on.');
    await until('the interrupt', () => told('interrupt').length === 1);
    terminal.type(CTRL_C);
    await terminal.shows(`Detached. The session runs on: tack attach ${session.id}`);
    expect(await terminal.finished).toBe(130);
    expect([told('interrupt').length, told('close').length]).toEqual([1, 0]);
  });

  it('counts Ctrl-C anew with each turn, and detaches at once where nothing runs', async () => {
    const terminal = await attached();
    terminal.type(CTRL_C);
    await until('the interrupt', () => told('interrupt').length === 1);
    await session.happens({ type: 'turn.cancelled' });
    await terminal.shows('The turn was stopped');
    terminal.type(CTRL_C);
    await terminal.shows('Detached.');
    expect(await terminal.finished).toBe(130);
  });

  it('sends what is typed into the running turn, or as the next one, and holds the output back meanwhile', async () => {
    const terminal = await attached();
    terminal.type('wait');
    await terminal.shows('› wait');
    await session.happens(message('i', 'Some words.'));
    session.streams(begins('j'), delta('j', 'more'));
    terminal.type(` a bit${ENTER}`);
    await terminal.shows('Some words.');
    await until('the message', () => told('say').length === 1);
    await session.happens(DONE);
    await terminal.shows('✓ Done');
    terminal.type(`go on${ENTER}`);
    await until('the second message', () => told('say').length === 2);
    expect(told('say').map(([, delivery]) => delivery)).toEqual(['steer', 'queue']);
    expect([...stage.rig.store.kept.values()]).toEqual(
      expect.arrayContaining([expect.stringContaining('wait a bit'), expect.stringContaining('go on')]),
    );
  });

  it('leaves at Ctrl-D with the session as it is, and gives the terminal back', async () => {
    const terminal = await attached();
    terminal.type(CTRL_D);
    expect(await terminal.finished).toBe(0);
    expect(terminal.bytes()).toMatch(/\u001b\[\?2004h[^]*\u001b\[\?2004l/);
    expect([told('interrupt').length, told('close').length]).toEqual([0, 0]);
  });

  it('ends when the session is ended', async () => {
    const terminal = await attached();
    await session.happens(
      { type: 'session.closed', turn_id: null, data: { reason: 'user' }, ...ann },
      { type: 'turn.cancelled', ...ann },
    );
    await terminal.shows('The session was ended by ann via web. Its log stays.');
    expect(await terminal.finished).toBe(0);
  });
});

describe('tack attach', () => {
  it('shows the end of a long past with its header, then what happens now, each once', async () => {
    await session.happens(...Array.from({ length: 400 }, (_, n) => message(`i${n}`, `word ${n}.`)));
    showRow(stage.rig, session.id, 402, 'running');
    const running = stage.start(['attach', session.id.slice(0, 20)]);
    await running.says('word 399.');
    await session.happens(
      message('now', 'Now.'),
      { type: 'session.closed', turn_id: null },
      { type: 'turn.cancelled' },
    );
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(stdout).toContain(`${session.id} · played`);
    expect(running.stderr()).toContain(`202 events came before: tack logs ${session.id}`);
    expect(stdout.match(/^word \d+\.$/gm)).toEqual(Array.from({ length: 200 }, (_, n) => `word ${n + 200}.`));
    expect(stdout.match(/^Now\.$/gm)).toHaveLength(1);
  });

  it('goes through a network that cuts every connection: reconnecting is said, nothing is missing or double', async () => {
    await session.happens(...Array.from({ length: 100 }, (_, n) => message(`i${n}`, `word ${n}.`)));
    let cut = 3_000;
    const proxy = await cuttingProxy(stage.rig.port, () => (cut += 2_000));
    const running = stage.start(['attach', session.id], { env: { TACK_SERVER: proxy.url } });
    await running.says('word 99.');
    proxy.heal();
    await session.happens({ type: 'session.closed', turn_id: null }, { type: 'turn.cancelled' });
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(stdout.match(/^word \d+\.$/gm)).toEqual(Array.from({ length: 100 }, (_, n) => `word ${n}.`));
    const told_lost = stdout.match(/reconnecting: nothing is lost/g)?.length ?? 0;
    expect(told_lost).toBeGreaterThan(0);
    expect(told_lost).toBeLessThanOrEqual(proxy.cuts());
    await proxy.close();
  });

  it.each([
    ['an id that does not exist', ['attach', `ses_${'0'.repeat(26)}`], 1, /no session/],
    ['a beginning that nothing has', ['attach', 'ses_zzz'], 1, /There is no session "ses_zzz"/],
  ])('refuses %s', async (_what, args, code, words) => {
    const ran = await stage.tack(args);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(words);
  });
});
