/** `tack demo` as a newcomer sees it: what it prints can be looked up, and nothing of it stays behind. */
import { readdirSync, realpathSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { temporalBin } from '../support/engine.ts';
import { IS_ROOT, ONLY_ROOT } from '../support/ordinary-user.ts';
import { processesNaming } from '../support/processes.ts';
import { openRoom } from '../support/tackroom.ts';
import { openTerminal } from '../support/terminal.ts';

const CHECKOUT = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));
const room = openRoom();
afterAll(() => room.close());
const demos = () => readdirSync(join(room.home, 'demo'));

interface Step {
  readonly object?: string;
  readonly step?: string;
  readonly type?: string;
  readonly [field: string]: unknown;
}
const stepsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);

describe('tack demo', () => {
  it('plays the whole story by itself; what it names is in the log and in the history of the engine afterwards', async () => {
    const { code, stdout, stderr } = await room.tack(['demo', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(processesNaming(room.home)).toEqual([]);
    const steps = stepsOf(stdout);
    const step = (name: string) => steps.find((one) => one.step === name) ?? {};
    expect(step('tests_before')).toMatchObject({ exit_code: 1 });
    expect(step('tests_after')).toMatchObject({ exit_code: 0 });
    expect(step('effects')).toMatchObject({ ran: 1 });
    const { home, session_id, approval_id, killed_pid } = step('done') as unknown as Record<string, string>;
    expect(step('up')['pids']).toMatchObject({ worker: killed_pid });
    const events = steps.filter(({ type }) => type !== undefined);

    const env = { TACK_HOME: home };
    expect((await room.tack(['up'], { env })).code).toBe(0);
    const logs = await room.tack(['logs', String(session_id), '--json'], { env });
    expect(stepsOf(logs.stdout).slice(0, events.length)).toEqual(events);
    expect(logs.stdout).toContain(approval_id);
    expect(logs.stdout).toContain(`"lost_worker_pid":${killed_pid}`);
    const { temporal_address } = JSON.parse((await room.tack(['status', '--json'], { env })).stdout) as {
      temporal_address: string;
    };
    const history = await run(temporalBin(), [
      ...['workflow', 'show', '--namespace', 'tackroom', '--workflow-id', `session/${session_id}`],
      ...['--output', 'json', '--address', temporal_address],
    ]);
    for (const name of [session_id, approval_id, `${killed_pid}@`]) expect(history.stdout).toContain(name);
    expect((await room.tack(['down'], { env })).code).toBe(0);
  });

  it('plays it with the real Claude Code and a scripted model; the demo before is gone', async () => {
    const { code, stdout, stderr } = await room.tack(['demo', '--harness', 'claude-code']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('exactly once');
    expect(stdout).toContain('agent: Green. Now the prices.');
    expect(stdout.match(/gate: {2}allow {2}node test\/cart\.test\.js/g)).toHaveLength(2); // once each, kill or no kill
    expect(demos()).toEqual(['1']); // its name is free again
    expect(processesNaming(room.home)).toEqual([]);
  });

  it('lets a person at the terminal be quicker', async () => {
    const terminal = openTerminal([process.execPath, join(CHECKOUT, 'src/cli/main.ts'), 'demo'], {
      cwd: room.home,
      env: room.env,
    });
    await terminal.shows('y: allow');
    terminal.type('n');
    expect(await terminal.finished).toBe(0);
    await terminal.shows(/deny by .* via cli/);
    await terminal.shows('did not run');
    expect(processesNaming(room.home)).toEqual([]);
  });

  it('stops what it started when it is interrupted, at whatever moment', async () => {
    for (const moment of ['"step":"demo"', '"step":"killed"']) {
      const demo = room.start(['demo', '--json']);
      await demo.says(moment);
      demo.child.kill('SIGINT');
      const { code, stdout } = await demo.finished;
      expect({ moment, code }).toEqual({ moment, code: 130 });
      expect(stdout).toContain('"step":"stopped"');
      expect(processesNaming(room.home)).toEqual([]);
    }
  });

  it('stops what it started when who reads along leaves', async () => {
    const demo = room.start(['demo']);
    await demo.says('$ tack up');
    demo.child.stdout?.destroy();
    await demo.finished;
    expect(processesNaming(room.home)).toEqual([]);
  });

  it('says in one line that the harness is missing, before it starts anything', async () => {
    const env = { TACK_CLAUDE_BIN: '/nowhere/claude' };
    const { code, stdout, stderr } = await room.tack(['demo', '--harness', 'claude-code'], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^✗ TACK_CLAUDE_BIN=\/nowhere\/claude cannot be executed.*\n {2}Install it: .*\n$/);
  });

  it.runIf(IS_ROOT)(`stops what it started where there is no bubblewrap, and says so${ONLY_ROOT}`, async () => {
    const hidden = ['--mount', 'sh', '-c', 'mount --bind /dev/null /usr/bin/bwrap && exec "$@"', 'sh'];
    const demo = [process.execPath, join(CHECKOUT, 'src/cli/main.ts'), 'demo'];
    const { code, stderr } = await run('unshare', [...hidden, ...demo], room.env);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^✗ No sandbox here: bubblewrap is missing\..*apt-get install bubblewrap/,
      ) as string,
    });
    expect(processesNaming(room.home)).toEqual([]);
  });
});

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const child = spawn(command, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: out.join(''), stderr: err.join('') };
}
