/**
 * The soak: sessions come and go for an hour while processes are killed. `npm run test:long -- soak [--minutes 60] [--seed 1]`.
 * The middle of it is calm: there each role lives long enough to show a leak of its own.
 */
import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../../src/config.ts';
import { startModelServer } from '../../../src/demo/model-server/server.ts';
import { groupStatus } from '../../../src/supervisor/control.ts';
import { insist } from '../../support/insist.ts';
import { processesNaming } from '../../support/processes.ts';
import { repositoryWith } from '../../support/repository.ts';
import { storedLog } from '../../support/stored-log.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { requestsOf } from '../../support/claude-room.ts';
import { createChance } from './chance.ts';
import { logOf } from './patience.ts';
import { judge } from './faults.ts';
import { kill, VICTIMS, type Group, type Killed } from './kills.ts';
import { filesBelow, look, sizesOf, type Place } from './look.ts';
import { effectsOf, type Stage } from './stage.ts';
import { REPOSITORY, STORIES, type Played, type StoryName } from './stories.ts';
import { slopesOf, type Sample } from './slopes.ts';
import type { Slope } from './flat.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Whether no other program of this machine is in sight. */
  readonly is_alone: boolean;
  readonly say: (line: string) => void;
}
export interface Soak {
  readonly minutes: number;
  readonly seed: number;
  readonly stories: Readonly<Record<string, number>>;
  readonly sessions: number;
  readonly turns: number;
  readonly cut_off: number;
  readonly kills: readonly Killed[];
  readonly samples: readonly Sample[];
  readonly slopes: readonly Slope[];
  readonly left: readonly string[];
  readonly faults: readonly string[];
  readonly replayed: string;
}

const SAMPLE_S = 15;
/** Sizes of the data folder: each nth sample. */
const SIZES_EACH = 4;
const LANES: readonly Partial<Record<StoryName, number>>[] = [
  { plain: 4, big: 1, held: 2, suspended: 2, interrupted: 2, closed: 1 },
  { plain: 4, big: 1, held: 2, suspended: 2, interrupted: 2, closed: 1 },
  { 'claude free': 2, 'claude held': 1, 'claude suspended': 1 },
];
/** Shares of the time. */
const CALM = { from: 0.2, to: 0.8 } as const;
const KILL_EACH_S = { from: 12, to: 50 } as const;

export async function soak({ minutes, seed, is_alone, say }: SoakOptions): Promise<Soak> {
  const before = new Set(readdirSync(tmpdir()));
  const model = await startModelServer();
  const repository = repositoryWith(REPOSITORY);
  const room = openRoom({ ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url });
  const { run_folder } = loadConfig(room.env);
  const playing = new Set<string>();
  const known_temp = new Set([...before, basename(room.home), basename(repository)]);
  const place: Place = { home: realpathSync(room.home), run_folder, known_temp, playing, is_alone };
  const length_s = minutes * 60;
  const begun = performance.now();
  const now_s = () => (performance.now() - begun) / 1000;

  const [played, faults, kills, samples]: [[StoryName, Played][], string[], Killed[], Sample[]] = [[], [], [], []];
  const isOver = () => now_s() >= length_s;
  let cut_off = 0;

  async function lane(stories: (typeof LANES)[number], n: number): Promise<void> {
    const chance = createChance(seed * 1000 + n);
    const stage: Stage = { room, model, repository, chance, playing, watched: new Set() };
    while (!isOver()) {
      const name = chance.pick(stories as Record<StoryName, number>);
      try {
        const one = await STORIES[name](stage);
        played.push([name, one]);
        const log = await logOf(room, one.session_id);
        const requests = one.run === undefined ? [] : requestsOf(model, one.run);
        const found = judge(one, { log, effects: effectsOf(room, one.session_id), requests });
        cut_off += found.cut_off;
        faults.push(...found.faults);
        for (const fault of found.faults) say(`FAULT ${name}: ${fault}`);
      } catch (error) {
        faults.push(`${name}: ${String(error)}`);
        say(`FAULT ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      for (const live of stage.watched) live.leave(); // of a story that broke off
      await pause(chance.between(100, 1_500));
    }
  }

  async function killer(group: Group): Promise<void> {
    const chance = createChance(seed);
    for (;;) {
      await waitFor(chance.between(KILL_EACH_S.from, KILL_EACH_S.to), isOver);
      if (isOver()) return;
      const share = now_s() / length_s;
      if (share > CALM.from && share < CALM.to) continue;
      const victim = chance.pick(VICTIMS);
      const t_s = Math.round(now_s());
      const back_ms = await kill(group, victim);
      if (back_ms === null) continue;
      kills.push({ t_s, victim, back_ms });
      say(`${t_s} s: killed ${victim}, back after ${back_ms} ms`);
    }
  }

  async function sampler(): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      const status = await groupStatus(run_folder).catch(() => null);
      const seen = look(status, place);
      const sizes = n % SIZES_EACH === 0 ? { sizes: sizesOf(room.home) } : {};
      const sample = { t_s: Math.round(now_s()), done: played.length, ...seen, ...sizes };
      samples.push(sample);
      say(lineOf(sample));
      await waitFor(SAMPLE_S, isOver);
    }
  }

  try {
    await room.up();
    const group = { room, run_folder };
    await Promise.all([...LANES.map(lane), killer(group), sampler()]);
    await insist(room, (client) => client.sessions.list({}));
    const replayed = await replayAll(room, faults);
    faults.push(...chainsOf(room, played), ...(await audited(room)));
    const blobs = orphansIn(room.home);
    const { code, stderr } = await room.tack(['down']);
    if (code !== 0) faults.push(`tack down ended with ${code}: ${stderr}`);
    const left = [
      ...processesNaming(room.home).map(({ pid, command }) => `process ${pid} ${command}`),
      ...look(null, place).strays.map((one) => `process ${one}`),
      ...readdirSync(tmpdir())
        .filter((name) => !known_temp.has(name))
        .map((name) => `temporary ${name}`),
      ...(existsSync(run_folder) ? [`sockets in ${run_folder}`] : []),
      ...blobs,
    ];
    return {
      minutes,
      seed,
      stories: Object.fromEntries([...Map.groupBy(played, ([name]) => name)].map(([name, all]) => [name, all.length])),
      sessions: played.length,
      turns: played.reduce((sum, [, one]) => sum + Object.keys(one.turns).length, 0),
      cut_off,
      kills,
      samples,
      slopes: slopesOf(samples),
      left,
      faults,
      replayed,
    };
  } finally {
    await room.close();
    await model.close();
    rmSync(repository, { recursive: true, force: true });
  }
}

async function waitFor(seconds: number, isOver: () => boolean): Promise<void> {
  for (const until = performance.now() + seconds * 1000; performance.now() < until && !isOver();) await pause(250);
}

async function replayAll(room: Room, faults: string[]): Promise<string> {
  const { code, stdout, stderr } = await room.tack(['replay', '--all']);
  if (code !== 0)
    faults.push(`tack replay --all ended with ${code}: ${stdout.slice(0, 2_000)}${stderr.slice(0, 2_000)}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** Read by SQLite and SHA-256 alone. */
function chainsOf(room: Room, played: readonly (readonly [string, Played])[]): readonly string[] {
  return played.flatMap(([, { session_id }]) => {
    try {
      storedLog(room.home, session_id);
      return [];
    } catch (error) {
      return [`${session_id}: ${String(error)}`];
    }
  });
}

async function audited(room: Room): Promise<readonly string[]> {
  const { code, stdout, stderr } = await room.tack(['audit', 'verify']);
  return code === 0 ? [] : [`tack audit verify ended with ${code}: ${stdout.slice(0, 2_000)}${stderr.slice(0, 2_000)}`];
}

/** Files that a write has begun and not named. */
const orphansIn = (home: string): readonly string[] =>
  filesBelow(join(home, 'blobs'))
    .filter((name) => !/^[0-9a-f]{64}$/.test(name))
    .map((name) => `unfinished blob ${name}`);

const lineOf = ({
  t_s,
  done,
  roles,
  group,
  sandboxed,
  strays,
  zombies,
  temp,
  sockets,
  mounts,
  sizes,
}: Sample): string =>
  JSON.stringify({
    t_s,
    done,
    rss: Object.fromEntries(Object.entries(roles).map(([role, { rss_mb, fds }]) => [role, `${rss_mb}/${fds}`])),
    group,
    sandboxed,
    ...(strays.length > 0 && { strays }),
    zombies,
    temp: temp.length > 0 ? temp : 0,
    sockets,
    mounts,
    ...sizes,
  });
