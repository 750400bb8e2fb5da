/** What an operator asks of a room that ran: is the log as it was written, and does today's code go on with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWithATimer } from '../support/other-workflow.ts';
import { asks, scripted, shell, startSession, type TestSession } from '../support/session.ts';
import { openRoom, type Finished, type Room } from '../support/tackroom.ts';

let room: Room;
let asked: TestSession;
let plain: TestSession;
let engine: string;
const folder = mkdtempSync(join(tmpdir(), 'tack-evidence-'));

beforeAll(async () => {
  room = openRoom();
  engine = (await room.up()).temporal_address ?? '';
  plain = await startSession(room, scripted([shell('echo one'), { say: 'Done.' }]));
  asked = await startSession(room, scripted([shell('git init x'), { say: 'Done.' }], [asks('git init')]));
  const { id, digest } = await asked.question();
  await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
  await plain.ended();
  await asked.ended();
});
afterAll(async () => {
  await room?.close();
  rmSync(folder, { recursive: true, force: true });
});

const linesOf = ({ stdout }: Finished) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A data folder of its own, with the store as it is now and what SQL made of it. */
function damagedCopy(name: string, sql: string): NodeJS.ProcessEnv {
  const home = mkdtempSync(join(folder, `${name}-`));
  const running = new DatabaseSync(join(room.home, 'store.db'), { readOnly: true });
  running.exec(`vacuum into '${join(home, 'store.db')}'`);
  running.close();
  const copy = new DatabaseSync(join(home, 'store.db'));
  copy.exec(sql);
  copy.close();
  return { TACK_HOME: home };
}

describe('tack audit verify', () => {
  it('finds every log whole while the roles run, and asks the engine', async () => {
    const verified = await room.tack(['audit', 'verify', '--json']);
    expect(linesOf(verified)).toEqual([
      ...[asked.id, plain.id].toSorted().map((log_id) => ({
        object: 'log',
        log_id,
        events: expect.any(Number) as unknown,
        breaks: [],
      })),
      { object: 'audit', logs: 2, broken: 0, engine: true },
    ]);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
  });

  it('names what was done to a copy, and leaves the other session alone', async () => {
    const env = damagedCopy(
      'changed',
      `update event set body = replace(body, 'user', 'usor') where log_id = '${asked.id}' and seq = 2`,
    );
    const all = await room.tack(['audit', 'verify', '--json'], { env });
    expect(all.code).toBe(1);
    expect(linesOf(all).find(({ log_id }) => log_id === asked.id)).toMatchObject({
      breaks: [{ kind: 'changed', seq: 2 }],
    });
    expect((await room.tack(['audit', 'verify', plain.id], { env })).code).toBe(0);
    const one = await room.tack(['audit', 'verify', asked.id], { env });
    expect(one.stdout).toContain('event 2 changed: its content is not what was hashed');
  });

  it('sees a tail that was cut in every table by the histories of the engine, and says where it cannot', async () => {
    const log = `log_id = '${asked.id}'`;
    const env = damagedCopy(
      'cut',
      `delete from event where ${log} and seq > 5; delete from append_key where ${log} and head_seq > 5;
       update head set seq = 5, hash = (select hash from event where ${log} and seq = 5) where ${log};
       update session_view set session_row = json_set(session_row, '$.head_seq', 5) where session_id = '${asked.id}'`,
    );
    const alone = await room.tack(['audit', 'verify', asked.id], { env });
    expect(alone).toMatchObject({ code: 0, stderr: expect.stringContaining('would not be seen') });
    const witnessed = await room.tack(['audit', 'verify', asked.id], { env: { ...env, TEMPORAL_ADDRESS: engine } });
    expect(witnessed.code).toBe(1);
    expect(witnessed.stdout).toMatch(/event 6 cut: events 6 to \d+ are missing at the end: the engine knows \d+/);
  });

  it('knows by its own lists of a tail that was cut in the log alone', async () => {
    const env = damagedCopy(
      'short',
      `delete from event where log_id = '${asked.id}' and seq > 5; delete from head; delete from append_key`,
    );
    const { code, stdout } = await room.tack(['audit', 'verify', asked.id], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/the list of sessions knows \d+/);
  });

  it('does not pass when the engine that it is told of is away', async () => {
    const { code, stderr } = await room.tack(['audit', 'verify'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(code).toBe(8);
    expect(stderr).toContain('engine');
  });
});

describe('tack replay', () => {
  it('goes through every session of the room without a divergence', async () => {
    const replayed = await room.tack(['replay', '--all', '--since', '1d', '--json']);
    expect(linesOf(replayed).at(-1)).toEqual({ object: 'replay', histories: 2, diverged: 0 });
    expect(replayed).toMatchObject({ code: 0, stderr: '' });
  });

  it('finds a deliberate change of the workflow in them, and names the event', async () => {
    const bundle = join(folder, 'later.js');
    writeFileSync(bundle, (await bundleWithATimer()).code);
    const all = await room.tack(['replay', '--all', '--bundle', bundle, '--json']);
    expect(all.code).toBe(1);
    expect(linesOf(all).at(-1)).toEqual({ object: 'replay', histories: 2, diverged: 2 });
    const one = await room.tack(['replay', asked.id, '--bundle', bundle]);
    expect(one.code).toBe(1);
    expect(one.stdout).toMatch(/event \d+ of \d+\n +recorded +\w+.*\n +now +TimerStarted\n/);
  });

  it('takes a beginning of an id, and what `temporal workflow show` printed', async () => {
    expect((await room.tack(['replay', asked.id.slice(0, -1)])).code).toBe(0);
    const shown = await room.temporal('workflow', 'show', '-w', `session/${asked.id}`, '-o', 'json');
    const piped = await room.tack(['replay', '--history', '-'], { input: shown });
    expect(piped).toMatchObject({ code: 0, stdout: expect.stringContaining(asked.id) });
  });

  it('says what it cannot use', async () => {
    const mistakes: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[], 2, /Name one/],
      [[asked.id, '--all'], 2, /Name one/],
      [[asked.id, '--since', '7d'], 2, /--all/],
      [['--all', '--since', 'yesterday'], 2, /30m, 12h, 7d/],
      [['ses_nobody'], 1, /no history of "ses_nobody"/],
      [['" OR 1=1'], 1, /no history/],
      [['--history', 'nowhere.json'], 2, /nowhere.json/],
    ];
    for (const [args, code, words] of mistakes) {
      const said = await room.tack(['replay', ...args]);
      expect([said.code, said.stderr], args.join(' ')).toEqual([code, expect.stringMatching(words)]);
    }
  });
});

describe('when everything is down', () => {
  it('the logs can be verified, and a replay says what is missing', async () => {
    await room.tack(['down']);
    expect(await room.tack(['audit', 'verify'])).toMatchObject({
      code: 0,
      stdout: '2 logs are whole.\n',
      stderr: expect.stringContaining('No engine runs here'),
    });
    expect(await room.tack(['replay', 'latest'])).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('tack up'),
    });
  });
});
