import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../support/until.ts';
import { DONE, MAIN, message, openStage, showRow, type Played, type Stage } from './a-stage.ts';

let stage: Stage;
let session: Played;
beforeEach(async () => {
  stage = await openStage();
  session = await stage.running();
});
afterEach(() => stage.close());

const told = (name: string) => stage.rig.told.filter((one) => one.name === name).map(({ args }) => args);

describe('tack logs', () => {
  it('shows the whole log as the stream shows it, all of it on stdout', async () => {
    await session.happens(message('i', 'Hello.'), DONE);
    const { code, stdout, stderr } = await stage.tack(['logs', session.id]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^${session.id} · played\n  scripted\nHello\\.\n✓ Done · .*\n$`));
  });

  it('gives the envelopes with --json, all pages of them, or some types', async () => {
    await session.happens(...Array.from({ length: 1_100 }, (_, n) => message(`i${n}`, `${n}`)));
    const { stdout } = await stage.tack(['logs', 'latest', '--json']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_, n) => n + 1));
    expect(lines).toHaveLength(1_102);
    expect(JSON.parse(lines[600] ?? '')).toEqual((await session.log())[600]);
    const some = await stage.tack(['logs', session.id, '--json', '--types', 'turn.started,session.created']);
    expect(
      some.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['session.created', 'turn.started']);
  });

  it('refuses a type that would never come', async () => {
    const { code, stderr } = await stage.tack(['logs', session.id, '--types', 'turn.complete']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean turn.completed?');
  });

  it('follows until the session and its last turn are over', async () => {
    const running = stage.start(['logs', session.id, '-f', '--json']);
    await running.says('turn.started');
    await session.happens(message('i', 'Now.'), { type: 'session.closed', turn_id: null });
    await running.says('session.closed');
    expect(running.stdout()).not.toContain('turn.cancelled');
    await session.happens({ type: 'turn.cancelled' });
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength((await session.log()).length);
  });

  it('ends quietly when its reader has seen enough', async () => {
    await session.happens(...Array.from({ length: 3_000 }, (_, n) => message(`i${n}`, 'x'.repeat(200))));
    const piped = `'${process.execPath}' '${MAIN}' logs ${session.id} | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', piped], { env: stage.env });
    expect([stdout, stderr]).toEqual([`${session.id} · played\n`, '']);
  });
});

describe('tack send', () => {
  it('says it, and prints the id of the turn', async () => {
    const { code, stdout, stderr } = await stage.tack(['send', session.id, 'now', 'the', 'docs']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trn_[0-9a-z]+\n$/);
    expect(stderr).toContain(`tack attach ${session.id}`);
    expect(told('say')[0]?.[1]).toBe('queue');
    expect([...stage.rig.store.kept.values()]).toContainEqual(expect.stringContaining('"now the docs"'));
    expect(JSON.parse((await stage.tack(['send', session.id, 'more', '--json', '--steer'])).stdout)).toMatchObject({
      object: 'message',
    });
    expect(told('say')[1]?.[1]).toBe('steer');
  });

  it('follows its own turn to its end, whatever ends before', async () => {
    showRow(stage.rig, session.id, 2, 'running');
    const running = stage.start(['send', session.id, 'next', '--follow']);
    const [, , said] = (await until('the message', () => told('say')[0])) as [unknown, unknown, { turn_id: string }];
    const own = { turn_id: said.turn_id };
    await session.happens(
      { type: 'turn.completed' },
      { type: 'turn.started', ...own },
      { ...message('i', 'Mine.'), ...own },
    );
    await running.says('Mine.');
    await session.happens({ type: 'turn.failed', data: { error: { code: 'model_failed', message: 'no' } }, ...own });
    expect(await running.finished).toMatchObject({ code: 1, stdout: 'Mine.\n' });
  });

  it.each([
    ['nothing', ['send', 'SES'], 2],
    ['to a session that does not exist', ['send', 'ses_zzz', 'x'], 1],
  ])('refuses %s', async (_what, args, code) => {
    expect((await stage.tack(args.map((arg) => (arg === 'SES' ? session.id : arg)))).code).toBe(code);
    expect(told('say')).toEqual([]);
  });
});
