/** A whole room whose store is on Postgres: the real Claude Code, an approval, restarts of every role and of Postgres itself, the audit; and its password is nowhere. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import { effectsOf, leaves, storyOf } from '../support/claude-room.ts';
import { NEEDS_POSTGRES, POSTGRES_BIN, startPostgres, type Postgres } from '../support/postgres.ts';
import { processes, processesNaming, processesOf } from '../support/processes.ts';
import { repositoryWith } from '../support/repository.ts';
import { restartEverything } from '../support/restarts.ts';
import { scripted, shell, startSession } from '../support/session.ts';
import { openRoom, type Finished, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const AGENT = `name: careful
harness: claude-code
policies:
  rules:
    - { name: needs-a-person, on: shell.exec, commands: [echo approved], effect: ask, reason: It cannot be taken back. }
`;

describe.skipIf(!POSTGRES_BIN)(`a room on Postgres${NEEDS_POSTGRES}`, () => {
  let server: Postgres;
  let model: ModelServer;
  let room: Room;
  let folder: string;
  let session_id = '';
  beforeAll(async () => {
    server = await startPostgres();
    model = await startModelServer();
    folder = repositoryWith({ 'agent.yaml': AGENT });
    room = openRoom({ DATABASE_URL: server.url, ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url });
    await room.up();
  });
  afterAll(async () => {
    await room?.close();
    await model?.close();
    await server?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const linesOf = ({ stdout }: Finished) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const count = async (sql: string) =>
    Number((await server.query(`select count(*) as n from tackroom.${sql}`))[0]?.['n']);

  it('runs a turn of Claude Code through an approval, while every role is killed', async () => {
    const { prompt } = storyOf([leaves('before'), leaves('approved'), leaves('after')]);
    const run = await room.tack(['run', '--detach', '--json', '--agent', './agent.yaml', prompt], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    session_id = String(linesOf(run)[0]?.['id']);
    const waiting = async () =>
      ((await room.client().approvals.list({ session_id })).data as { id: string; status: string }[]).find(
        ({ status }) => status === 'pending',
      );
    const { id } = await until('a question', waiting, 60_000);
    await restartEverything(room, 'each role killed');
    const approved = await room.tack(['approve', id]);
    expect(approved, approved.stderr).toMatchObject({ code: 0 });
    await until(
      'the end of the turn',
      async () => (await count(`event where log_id = '${session_id}' and type = 'turn.completed'`)) > 0,
      90_000,
    );
    expect(effectsOf(room, session_id).filter((line) => line !== 'before')).toEqual(['approved', 'after']);
    await until('no process of the session', () => processesOf(session_id).length === 0);
    expect(readdirSync(room.home)).not.toContain('store.db');
  });

  it('goes on with the same session after everything was stopped and started', async () => {
    await restartEverything(room, 'down and up');
    const { prompt } = storyOf([leaves('second')]);
    const { turn_id } = await room
      .client()
      .sessions.send({ session_id, body: { content: [{ type: 'text', text: prompt }], delivery: 'queue' } });
    await until(
      'the second turn',
      async () => (await count(`event where turn_id = '${turn_id}' and type = 'turn.completed'`)) > 0,
      90_000,
    );
    expect(effectsOf(room, session_id).at(-1)).toBe('second');
    const shown = await room.tack(['ls', '--json']);
    expect(JSON.parse(shown.stdout).data).toMatchObject([{ id: session_id, status: 'idle' }]);
  });

  it('goes on when Postgres is killed and starts again in the middle of a turn', async () => {
    const session = await startSession(
      room,
      scripted([
        shell('echo one >> effects.txt; until [ -e go ]; do sleep 0.02; done'),
        shell('echo two >> effects.txt'),
        { say: 'Done.' },
      ]),
    );
    await until('the first effect', () => effectsOf(room, session.id).length > 0);
    await server.kill();
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    await server.start();
    const ended = await until('the end of the turn', () => session.ended().catch(() => undefined), 90_000);
    expect(ended.type).toBe('turn.completed');
    expect(effectsOf(room, session.id)).toEqual(['one', 'two']);
  });

  it('is audited: every log is whole, and a change that somebody made with SQL is named', async () => {
    const whole = await room.tack(['audit', 'verify', '--json']);
    expect(whole, whole.stderr).toMatchObject({ code: 0 });
    expect(linesOf(whole).at(-1)).toEqual({ object: 'audit', logs: 2, broken: 0, engine: true });
    const first = `tackroom.event where log_id = '${session_id}' and seq = 2`;
    const [kept] = await server.query(`select body from ${first}`);
    await server.query(
      `update tackroom.event set body = replace(body, '"seq":2', '"seq":9') where log_id = '${session_id}' and seq = 2`,
    );
    const broken = await room.tack(['audit', 'verify', session_id]);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/event 2 changed/);
    await server.query(
      `update tackroom.event set body = $body$${String(kept?.['body'])}$body$ where log_id = '${session_id}' and seq = 2`,
    );
    expect((await room.tack(['audit', 'verify', session_id])).code).toBe(0);
  });

  it('keeps the password to the roles that open the store: no command line, log, file or sandbox has it', async () => {
    const session = await startSession(
      room,
      scripted([
        shell('env > env.txt; cat /proc/[0-9]*/environ >> env.txt; until [ -e go ]; do sleep 0.02; done'),
        { say: 'Done.' },
      ]),
    );
    const env = join(room.workOf(session.id), 'env.txt');
    await until('the command to run', () => existsSync(env) && readFileSync(env, 'utf8').includes('PATH='));
    const { pid, roles } = await room.status();
    const has = (of: number) => environmentOf(of).includes(server.password);
    const holders = roles.filter((role) => role.pid !== null && has(role.pid)).map(({ role }) => role);
    expect(holders.toSorted()).toEqual(['server', 'worker']); // control: they could not work without
    expect(processesOf(session.id).filter((one) => has(one.pid))).toEqual([]);
    expect(readFileSync(env, 'utf8')).not.toContain(server.password);
    expect(processes().filter(({ command }) => command.includes(server.password))).toEqual([]);
    expect(processesNaming(room.home).length).toBeGreaterThan(3); // control: they are in the list
    writeFileSync(join(room.workOf(session.id), 'go'), '');
    await session.ended();
    expect(filesWith(room.home, server.password)).toEqual([]);
    expect(filesWith(room.home, session.id).length).toBeGreaterThan(0); // control: what is written is found
    const said = await Promise.all(
      [['status'], ['status', '--json'], ['ls', '--json'], ['logs', session.id, '--json']].map((args) =>
        room.tack(args),
      ),
    );
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toContain(server.password);
    expect(pid).toBeGreaterThan(0);
  });

  it('starts nothing without its address, and says where the store is', async () => {
    expect((await room.tack(['down'])).code).toBe(0);
    const without = await room.tack(['up'], { env: { DATABASE_URL: '' } });
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(/keeps its store in Postgres at 127\.0\.0\.1:\d+\/postgres\. Set DATABASE_URL/);
    const spoilt = await room.tack(['up'], { env: { DATABASE_URL: 'postgres://u:S3cret-typo@' } });
    expect(spoilt.code).toBe(2);
    expect(spoilt.stdout + spoilt.stderr).toMatch(/DATABASE_URL: must be postgres:/);
    expect(spoilt.stdout + spoilt.stderr).not.toContain('S3cret-typo');
    const wrong = await room.tack(['audit', 'verify'], {
      env: { DATABASE_URL: server.url.replace(server.password, 'S3cret-wrong') },
    });
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toMatch(/refuses this user or password/);
    expect(wrong.stdout + wrong.stderr).not.toContain('S3cret-wrong');
    expect(filesWith(room.home, 'S3cret-wrong')).toEqual([]);
    await room.up(); // control
    expect(JSON.parse((await room.tack(['ls', '--json'])).stdout).data.length).toBe(3);
  });
});

/** Also of the engine's own database. */
function filesWith(home: string, text: string): readonly string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

/** Of one that has ended meanwhile: nothing. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch (error) {
    if (/^(ENOENT|ESRCH)$/.test((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
