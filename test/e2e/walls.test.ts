/** The walls: what a session cannot see and cannot reach, and where the model's key never is. Real Claude Code plays the probes, inside and bare: what it finds bare proves that it looks. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { IS_ROOT, makeOrdinaryUser, ONLY_ROOT, type OrdinaryUser } from '../support/ordinary-user.ts';
import { processesNaming, processesOf } from '../support/processes.ts';
import { scripted, shell, startSession } from '../support/session.ts';
import type { Running } from '../support/tackroom.ts';
import { PLACES } from './walls/holder.ts';
import type { Reached, Targets } from './walls/reach-probe.ts';
import { openScene, sha256, type Probed, type Scene } from './walls/scene.ts';
import type { Found, SearchResult } from './walls/search-probe.ts';
import { filesHolding, holds } from './walls/traces.ts';

/** A kernel with Yama shows the memory of a process to its ancestors and to root only; 0: to its user. */
const YAMA_FILE = '/proc/sys/kernel/yama/ptrace_scope';
const YAMA = existsSync(YAMA_FILE) ? Number(readFileSync(YAMA_FILE, 'utf8')) : 0;
const IS_BLIND = !IS_ROOT && YAMA > 0;
const BLIND = IS_BLIND ? ' (not run: Yama shows no memory to an ordinary user)' : '';
const GATE = 'walls-held';
const RUNS: Rule = { name: 'probes-run', on: 'shell.exec', effect: 'allow', reason: 'The control of a test.' };
/** A core file where one may be, and more processes than a session may have. */
const LIMITS = `
ulimit -c unlimited 2>/dev/null; echo "core $(ulimit -c)"
perl -e 'for (1..1100) { my $p = fork; last unless defined $p; if (!$p) { sleep 600; exit } push @p, $p }
  print scalar(@p), " forked\\n"; kill 9, @p; waitpid $_, 0 for @p'
`;
const is = (mode: number) => (path: string) => expect([path, statSync(path).mode & 0o777]).toEqual([path, mode]);
const placesOf = (found: readonly Found[], canary: string) =>
  new Set(found.filter((one) => one.canary === canary).map(({ place }) => place));
const reachedOf = (reached: Reached) =>
  Object.entries(reached)
    .filter(([, how]) => how === 'reached' || /^\d+$/.test(how))
    .map(([name]) => name);

describe.runIf(IS_ROOT)(`a room of root${ONLY_ROOT}`, () => {
  walls('root');
});
describe('a room of an ordinary user', () => {
  walls('an ordinary user');
});

function walls(who: 'root' | 'an ordinary user'): void {
  const is_root = who === 'root';
  let user: OrdinaryUser | undefined;
  let scene: Scene;
  /** A session of the same room that waits for its model all the time: what others may not reach. */
  let neighbour: Running;
  let neighbour_id: string;
  let inside: Probed;
  let bare: Probed;
  let heard: { readonly inside: readonly string[]; readonly bare: readonly string[] };

  beforeAll(async () => {
    user = IS_ROOT && !is_root ? makeOrdinaryUser() : undefined;
    scene = await openScene(user);
    await scene.room.up();
  });
  afterAll(async () => {
    neighbour?.child.kill('SIGKILL');
    await scene?.close();
    await user?.close();
  });

  const roles = async () => {
    const { pid, roles: all, port, temporal_address } = await scene.room.status();
    const of = Object.fromEntries(all.map((one) => [one.role, one.pid ?? 0]));
    const pids = { supervisor: pid, ...of } as Record<'supervisor' | 'engine' | 'broker' | 'server' | 'worker', number>;
    return { pids, port: port ?? 0, engine_port: Number(temporal_address?.split(':')[1]) };
  };
  const runFolder = (supervisor: number) => {
    const environ = readFileSync(`/proc/${supervisor}/environ`, 'utf8').split('\0');
    return environ.find((one) => one.startsWith('TACK_RUN_FOLDER='))?.slice('TACK_RUN_FOLDER='.length) ?? '';
  };
  const socketsIn = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isSocket());
  /** Everything of the room that one who gets there could use. */
  const waysIn = async (): Promise<Targets> => {
    const { room } = scene;
    const { pids, port, engine_port } = await roles();
    const sockets = socketsIn(runFolder(pids.supervisor));
    // all of them: `e.sock` is the neighbour's
    const names = ['broker.sock', 'e.sock', 'frames.sock', 'judge.sock', 'supervisor.sock'];
    expect(sockets.map((path) => basename(path)).toSorted()).toEqual(names);
    const session = join(room.home, 'sessions', neighbour_id);
    const files = ['token', 'store.db', 'server.json', 'logs', 'engine', 'blobs', 'sessions', 'projects'];
    const project = readdirSync(join(room.home, 'projects'))[0] ?? '';
    return {
      'the engine': { tcp: { host: '127.0.0.1', port: engine_port } },
      'the API': { http: `http://127.0.0.1:${port}/v1/sessions` },
      'the API, with its token': { http: `http://127.0.0.1:${port}/v1/sessions`, token_file: join(room.home, 'token') },
      ...Object.fromEntries(sockets.map((path) => [basename(path), { unix: path }])),
      ...Object.fromEntries(files.map((name) => [name, { file: join(room.home, name) }])),
      'the worktree of another session': { file: join(session, 'work') },
      'the home of another session': { file: join(session, 'home') },
      'what was pushed': { file: join(room.home, 'projects', project, 'objects/pack') },
    };
  };

  it('has folders, files and sockets that nobody else may open', async () => {
    const { home } = scene.room;
    const { pids } = await roles();
    const run = runFolder(pids.supervisor);
    is(is_root ? 0o711 : 0o700)(home);
    for (const name of ['engine', 'logs', 'tools', 'blobs']) is(0o700)(join(home, name));
    for (const name of ['token', 'store.db', 'server.json']) is(0o600)(join(home, name));
    for (const name of readdirSync(join(home, 'logs'))) is(0o600)(join(home, 'logs', name));
    is(0o700)(run);
    for (const path of socketsIn(run)) expect([path, statSync(path).mode & 0o022]).toEqual([path, 0]); // who may not write may not connect
  });

  it('answers 401 to who has no token, and to who has another one', async () => {
    const { port } = scene.room.served();
    const ask = async (path: string, headers = {}, method = 'GET') =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })).status;
    for (const path of ['/v1/info', '/v1/sessions', '/v1/approvals']) {
      expect(await ask(path)).toBe(401);
      expect(await ask(path, { authorization: `Bearer ${'x'.repeat(43)}` })).toBe(401);
    }
    expect(await ask('/v1/sessions', {}, 'POST')).toBe(401);
    expect((await scene.room.api('GET', '/v1/sessions')).status).toBe(200);
  });

  it('takes the key from the terminal of `tack run` to its broker: no environment and no command line has it', async () => {
    const { room, model, key, calling } = scene;
    expect((await room.client().info.show()).credentials).toEqual([]);
    neighbour = room.start(['run', '--json', `Wait. [[block {"gate":"${GATE}"}]]`], calling);
    await Promise.race([model.reached(GATE), neighbour.finished]);
    expect(model.requests().at(-1)).toMatchObject({ credential: sha256(key) });
    neighbour_id = /"session_id":"(ses_\w+)"/.exec(await neighbour.says('"session_id"'))?.[1] ?? '';
    expect(processesOf(neighbour_id).some(({ command }) => command.includes('claude'))).toBe(true);
    expect(processesNaming(key).map(({ pid }) => pid)).toEqual([neighbour.child.pid]); // the person's own
  });

  it.skipIf(IS_BLIND)(
    `keeps the key in the memory of broker and supervisor: worker and engine never hold it${BLIND}`,
    async () => {
      const { pids } = await roles();
      const { found } = search(Object.values(pids));
      const holders = found
        .filter(({ canary, place }) => canary === 'key' && place === 'memory')
        .map(({ where }) => where);
      expect(holders).toEqual(expect.arrayContaining([pids.broker, pids.supervisor]));
      expect(holders).not.toContain(pids.worker);
      expect(holders).not.toContain(pids.engine);
    },
  );

  it('shows a session nothing of the key, nor of what other processes hold; bare, the same search finds each', async () => {
    const { pids } = await roles();
    const targets = { ...scene.host.targets, ...(await waysIn()) };
    scene.host.heard();
    inside = await scene.probe('inside', { targets, search: { roots: ['/'], memory_of: null } });
    const heard_inside = scene.host.heard();
    const memory_of = [...Object.values(pids), scene.holder.pid];
    bare = await scene.probe('bare', { targets, search: { roots: [scene.held_in, scene.room.home], memory_of } });
    heard = { inside: heard_inside, bare: scene.host.heard() };

    expect(new Set(inside.search.found.map(({ canary }) => canary))).toEqual(new Set(['told']));
    // it looked: what the session itself holds was found in each place, and no process was closed to it
    expect(placesOf(inside.search.found, 'told')).toEqual(new Set(PLACES));
    expect(inside.search.looked.closed_processes).toBe(0);
    expect(inside.search.looked.names).toBeGreaterThan(1_000);
    if (YAMA === 0) {
      expect(inside.search.found).toContainEqual(expect.objectContaining({ place: 'memory', program: 'claude.exe' }));
      expect(inside.search.looked.memories).toBe(inside.search.looked.processes);
    }

    const closed = YAMA > (is_root ? 2 : 0) ? ['memory'] : [];
    for (const place of PLACES.filter((one) => !closed.includes(one)))
      expect(bare.search.found).toContainEqual(
        expect.objectContaining({
          ...{ canary: place, place },
          where: place === 'file' ? expect.stringContaining(scene.held_in) : scene.holder.pid,
        }),
      );
    expect(bare.search.found).toContainEqual(expect.objectContaining({ canary: 'key', place: 'environ' }));
    if (closed.length === 0)
      expect(bare.search.found).toContainEqual(
        expect.objectContaining({ canary: 'key', place: 'memory', where: pids.broker }),
      );
  });

  it('lets a session reach nothing: no address, no socket, no role, no file; bare, it reaches each', () => {
    const all = Object.keys(bare.reached);
    expect(reachedOf(bare.reached)).toEqual(all);
    expect(bare.reached).toMatchObject({ 'the API': '401', 'the API, with its token': '200' });
    expect(heard.bare).toEqual(all.filter((name) => name in scene.host.targets && name !== 'getaddrinfo').toSorted());

    expect(Object.keys(inside.reached)).toEqual(all);
    expect(reachedOf(inside.reached)).toEqual([]);
    expect(heard.inside).toEqual([]);
  });

  it('holds a session to its number of processes, and to no core file; bare, nothing is held', async () => {
    const said = await Promise.all(
      (['bubblewrap', 'none'] as const).map(async (sandbox) => {
        const agent = { ...scripted([shell(`(${LIMITS}) > limits.txt`)], [RUNS]), sandbox };
        const session = await startSession(scene.room, agent);
        expect((await session.ended()).type).toBe('turn.completed');
        const said = readFileSync(join(scene.room.workOf(session.id), 'limits.txt'), 'utf8');
        return { forked: Number(/(\d+) forked/.exec(said)?.[1]), core: /core (\w+)/.exec(said)?.[1] };
      }),
    );
    const [held, free] = said;
    expect(held?.forked).toBeGreaterThan(900);
    expect(held?.forked).toBeLessThan(1_024);
    expect(held?.core).toBe('0');
    expect(free?.forked).toBe(1_100);
    expect(free?.core).not.toBe('0');
  });

  it.runIf(IS_ROOT)(`lets another account of the machine in nowhere${ONLY_ROOT}`, async () => {
    const bob = makeOrdinaryUser('bob');
    try {
      const targets = await waysIn();
      const file = join(bob.home, 'reach.json');
      writeFileSync(file, JSON.stringify(targets), { mode: 0o644 });
      bob.give(bob.home);
      const tried = await bob.run([bob.at(process.execPath), bob.at(probe('reach-probe')), file]);
      const reached = JSON.parse(tried.stdout.replace('REACH ', '')) as Reached;
      expect(reached).toMatchObject({ 'the API': '401', 'the API, with its token': 'EACCES' });
      expect(reachedOf(reached)).toEqual(['the engine', 'the API']); // both are on the loopback of the machine
    } finally {
      await bob.close();
    }
  });

  it('leaves no trace of the key: in no log, event, blob, database or history, and nothing shows it', async () => {
    const { room, model, key, told } = scene;
    model.release(GATE);
    await neighbour.finished;
    const sessions = [neighbour_id, inside.session_id, bare.session_id];
    await expectNoTrace(sessions);
    const kept = filesHolding(room.home, told);
    expect(kept).toEqual(expect.arrayContaining([expect.stringMatching(/^store\.db/) as string])); // what was said is found
    expect(kept).toEqual(expect.arrayContaining([expect.stringMatching(/\.jsonl$/) as string]));
    expect(holds((await room.tack(['logs', inside.session_id, '--json'])).stdout, told)).toBe(true);
    expect(new Set(model.requests().map(({ credential }) => credential))).toEqual(new Set([sha256(key)])); // and it did get there
    expect(model.strays()).toEqual([]);
  });

  it('is the same when `tack up` itself was started with the key', async () => {
    const { room, model, key, calling } = scene;
    await room.tack(['down']);
    expect(filesHolding(room.home, key)).toEqual([]);
    const up = await room.tack(['up'], { env: calling.env ?? {} });
    expect({ up, code: up.code }).toMatchObject({ code: 0 });
    const before = model.requests().length;
    const ran = await room.tack(['run', '--json', 'Again. [[text {"text":"Here again."}]]'], {
      cwd: calling.cwd ?? '',
    });
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Here again.') as string });
    const sent = model.requests().slice(before);
    expect(new Set(sent.map(({ credential }) => credential))).toEqual(new Set([sha256(key)]));
    expect(processesNaming(key)).toEqual([]);
    await expectNoTrace([/"session_id":"(ses_\w+)"/.exec(ran.stdout)?.[1] ?? '']);
  });

  async function expectNoTrace(sessions: readonly string[]): Promise<void> {
    const { room, key, calling } = scene;
    const folders = [room.home, calling.cwd ?? '', ...(user ? [user.home, user.env['TMPDIR'] ?? ''] : [])];
    for (const folder of folders) expect([folder, filesHolding(folder, key)]).toEqual([folder, []]);
    const shown = await Promise.all([
      room.tack(['status']),
      room.tack(['status', '--json']),
      room.tack(['ls', '--json']),
      ...sessions.map((id) => room.tack(['logs', id, '--json'])),
    ]);
    const said = [
      ...shown.flatMap(({ stdout, stderr }) => [stdout, stderr]),
      JSON.stringify(await room.client().info.show()),
    ];
    for (const text of said) expect(holds(text, key)).toBe(false);
    for (const id of sessions) {
      const history = await room.temporal('workflow', 'show', '--workflow-id', `session/${id}`, '--output', 'json');
      expect(history).toContain(id);
      expect(holds(history, key)).toBe(false);
    }
  }

  /** The search of the sessions, from the host itself. */
  function search(memory_of: readonly number[]): SearchResult {
    const task = { canaries: scene.canaries, since_ms: Date.now(), roots: [], memory_of };
    const stdout = execFileSync(process.execPath, [probe('search-probe')], {
      input: JSON.stringify(task),
      encoding: 'utf8',
    });
    return JSON.parse(stdout.replace('SEARCH ', '')) as SearchResult;
  }
}

const probe = (name: string) => fileURLToPath(new URL(`walls/${name}.ts`, import.meta.url));
