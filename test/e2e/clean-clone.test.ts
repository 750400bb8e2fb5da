/** Two clean clones, HOME empty, started with nothing but the README: what the demo prints can be looked up, and nothing stays behind. */
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { newRoot, newUser, type Newcomer } from '../support/newcomer.ts';
import { IS_ROOT, ONLY_ROOT } from '../support/ordinary-user.ts';
import { record } from '../support/rounds.ts';

const TIMEOUT = 280_000;

describe.concurrent('a clean clone', () => {
  it(
    'of an ordinary user shows the demo piped, from nothing; then in a terminal, warm; Ctrl-C there leaves nothing',
    { timeout: TIMEOUT },
    () =>
      withNewcomer(newUser, async (ann) => {
        const cold = await timed(() => ann.run(['./tack', 'demo']));
        expect(cold.code, cold.stderr).toBe(0);
        expect(cold.stderr).toContain('installing the locked packages with npm');
        expect(cold.stdout).not.toContain('\u001b');
        await looksAround(ann, cold.stdout);

        const warm = await timed(() => atTheTerminal(ann));
        expect(warm.shown).toMatch(/allow_once by .* via cli/);
        record('clean-clone', { who: 'user', cold_s: cold.seconds, warm_s: warm.seconds });

        const stopped = ann.terminal(['./tack', 'demo']);
        await stopped.shows('kill -9');
        stopped.type('\u0003');
        expect(await stopped.finished).toBe(130);
        expectNothingLeft(ann);
      }),
  );

  it.runIf(IS_ROOT)(
    `of root, below a HOME of mode 0700, shows the demo in a terminal, from nothing; then piped, with Claude Code${ONLY_ROOT}`,
    { timeout: TIMEOUT },
    () =>
      withNewcomer(newRoot, async (root) => {
        const cold = await timed(() => atTheTerminal(root));
        expect(cold.shown).toContain('installing the locked packages with npm');
        await looksAround(root, cold.shown);

        const env = { TACK_CLAUDE_BIN: root.claude ?? '' };
        const warm = await timed(() => root.run(['./tack', 'demo', '--harness', 'claude-code'], env));
        expect([warm.code, warm.stderr]).toEqual([0, '']);
        expectNothingLeft(root);
        record('clean-clone', { who: 'root', cold_s: cold.seconds, warm_s: warm.seconds });
      }),
  );
});

async function withNewcomer(
  made: () => Promise<Newcomer>,
  story: (newcomer: Newcomer) => Promise<void>,
): Promise<void> {
  const newcomer = await made();
  try {
    await story(newcomer);
  } finally {
    await newcomer.close();
  }
}

async function timed<T extends object>(run: () => Promise<T>): Promise<T & { readonly seconds: number }> {
  const started = performance.now();
  const done = await run();
  return { ...done, seconds: Math.round((performance.now() - started) / 100) / 10 };
}

/** A person who is quicker than the demo. */
async function atTheTerminal(newcomer: Newcomer): Promise<{ readonly shown: string }> {
  const terminal = newcomer.terminal(['./tack', 'demo']);
  await terminal.shows('y: allow', 200_000);
  terminal.type('y');
  const code = await terminal.finished;
  const shown = terminal.rows().join('\n');
  expect(code, shown).toBe(0);
  return { shown };
}

/** Types what the demo said last, word for word; only the engine's address is looked up on the way, as it says. */
async function looksAround(newcomer: Newcomer, printed: string): Promise<void> {
  const [, session_id = 'no session', approval_id = 'no approval', killed_pid = 'no pid'] =
    /^session +(ses_\w+).*\napproval +(apr_\w+)\nkilled +worker (\d+); went on after [\d.]+ s$/m.exec(printed) ?? [];
  expect(printed).toMatch(new RegExp(`\\$ kill -9 ${killed_pid} `));
  expect(printed).toMatch(new RegExp(`went on after|goes on after [\\d.]+ s: ${approval_id}`));
  expectNothingLeft(newcomer);

  const commands = /\nLook around:\n((?: {2}.*\n)+)/.exec(printed)?.[1]?.trim().split(/\n */) ?? [];
  const [settings = '', up = '', logs = '', status = '', show = '', down = ''] = commands;
  const type = async (...lines: readonly string[]) => {
    const { code, stdout, stderr } = await newcomer.run(['sh', '-ec', [settings, ...lines].join('\n')]);
    expect([code, lines, stderr]).toEqual([0, lines, expect.any(String)]);
    return stdout;
  };
  await type(up);
  const events = await type(logs);
  expect(events).toContain(`"session_id":"${session_id}"`);
  expect(events).toContain(approval_id);
  expect(events).toContain(`"lost_worker_pid":${killed_pid}`);
  const address = /engine +(127\.0\.0\.1:\d+)/.exec(await type(status))?.[1] ?? 'no address';
  const history = await type(`${show.replace('127.0.0.1:…', address)} --output json`);
  for (const name of [session_id, approval_id, `${killed_pid}@`]) expect(history).toContain(name);
  await type(down);
  expectNothingLeft(newcomer);
}

function expectNothingLeft(newcomer: Newcomer): void {
  expect(newcomer.processes()).toEqual([]);
  expect(newcomer.left()).toEqual([]);
}
