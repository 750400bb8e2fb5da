/** A room with everything around it that a session must not find or reach, and the probes that try. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startModelServer, type ModelServer } from '../../../src/demo/model-server/server.ts';
import { INSIDE } from '../../../src/sandbox/contract.ts';
import { IS_ROOT, type OrdinaryUser } from '../../support/ordinary-user.ts';
import { repositoryWith, writeFiles } from '../../support/repository.ts';
import { openRoom, type Room, type RunOptions } from '../../support/tackroom.ts';
import { holdCanaries, PLACES, type Held, type Holder } from './holder.ts';
import { listenEverywhere, type Listeners } from './listeners.ts';
import type { Reached, Targets } from './reach-probe.ts';
import type { SearchResult, SearchTask } from './search-probe.ts';

export interface Scene {
  readonly room: Room;
  readonly model: ModelServer;
  /** What listens on the host. */
  readonly host: Listeners;
  readonly holder: Holder;
  /** The folder that the holder's file lies in. */
  readonly held_in: string;
  /** The model's key: the one thing that must be nowhere. */
  readonly key: string;
  /** A canary that the prompt names: it is everywhere where a session's words are. */
  readonly told: string;
  /** Names of all canaries, by their hashes. */
  readonly canaries: SearchTask['canaries'];
  /** How `tack run` is called: in the repository, by a person who has the key in their environment. */
  readonly calling: RunOptions;
  probe(where: 'inside' | 'bare', what: Probing): Promise<Probed>;
  close(): Promise<void>;
}
export interface Probing {
  readonly targets: Targets;
  readonly search: Pick<SearchTask, 'roots' | 'memory_of'>;
}
export interface Probed {
  readonly session_id: string;
  readonly search: SearchResult;
  readonly reached: Reached;
}

const BARE = `
name: bare
harness: claude-code
sandbox: none
policies:
  rules:
    - { name: probes-run, on: shell.exec, effect: allow, reason: The control of a test. }
`;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function openScene(user: OrdinaryUser | undefined): Promise<Scene> {
  const born_ms = Date.now() - 1_000;
  const [key, told] = [aCanary(), aCanary()];
  const held = Object.fromEntries(PLACES.map((place) => [place, aCanary()])) as Held;
  const canaries = Object.fromEntries(Object.entries({ key, told, ...held }).map(([name, one]) => [sha256(one), name]));
  const model = await startModelServer();
  const room = openRoom({}, user);
  const folder = mkdtempSync(join(user?.home ?? tmpdir(), 'tack-walls-'));
  const own_run = user?.env['XDG_RUNTIME_DIR'] ?? (IS_ROOT ? '/run' : (process.env['XDG_RUNTIME_DIR'] ?? tmpdir()));
  const [held_in, runtime, open] = [folder, own_run, '/tmp'].map((parent) =>
    mkdtempSync(join(parent, 'tack-walls-')),
  ) as [string, string, string];
  const repository = repositoryWith({ 'README.md': 'A project.\n' });
  writeFileSync(join(folder, 'bare.yaml'), BARE);
  for (const path of [folder, runtime, open, repository]) user?.give(path);
  const holder = await holdCanaries(held, { folder: held_in, as: user });
  const host = await listenEverywhere({
    'a socket in /tmp': join(open, 'host.sock'),
    'the socket of a container engine': join(runtime, 'docker.sock'),
  });
  const calling = { cwd: repository, env: { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: model.url } };

  return {
    ...{ room, model, host, holder, held_in, key, told, canaries, calling },
    async probe(where, { targets, search }) {
      const task: SearchTask = { canaries, since_ms: born_ms, ...search };
      writeFiles(repository, {
        'search.mjs': program('search-probe'),
        'reach.mjs': program('reach-probe'),
        'search.json': JSON.stringify(task),
        'reach.json': JSON.stringify(targets),
      });
      user?.give(repository);
      const node = where === 'inside' ? INSIDE.node : (user?.at(process.execPath) ?? process.execPath);
      const steps = [
        `echo ${told} > told.txt; TOLD=${told} ${node} search.mjs search.json 9< told.txt`,
        `${node} reach.mjs reach.json`,
        { say: `Nothing more ${where}.` },
      ];
      const agent = where === 'bare' ? ['--agent', join(folder, 'bare.yaml')] : [];
      const prompt = `Look around. [[story ${JSON.stringify({ steps })}]]`;
      const ran = await room.tack(['run', '--json', ...agent, prompt], calling);
      if (ran.code !== 0) throw new Error(`tack run ended with ${ran.code}: ${ran.stdout}${ran.stderr}`);
      const asked = model.requests().filter(({ tag }) => tag?.includes(`Nothing more ${where}.`));
      const said = Object.values(asked.at(-1)?.results ?? {}).join('\n');
      const [, session_id = ''] = /"session_id":"(ses_\w+)"/.exec(ran.stdout) ?? [];
      return {
        session_id,
        search: JSON.parse(lineOf(said, 'SEARCH')) as SearchResult,
        reached: JSON.parse(lineOf(said, 'REACH')) as Reached,
      };
    },
    async close() {
      try {
        await room.close();
      } finally {
        await holder.end();
        await host.close();
        await model.close();
        for (const path of [folder, held_in, runtime, open, repository]) rmSync(path, { recursive: true, force: true });
      }
    },
  };
}

const aCanary = (): string => `sk-ant-walls-${randomBytes(16).toString('hex')}`;

/** A probe as any Node runs it. */
const program = (name: string): string =>
  stripTypeScriptTypes(readFileSync(fileURLToPath(new URL(`${name}.ts`, import.meta.url)), 'utf8'));

function lineOf(said: string, word: string): string {
  const line = said.split('\n').find((one) => one.startsWith(`${word} `));
  if (line === undefined) throw new Error(`The probe said: ${said}`);
  return line.slice(word.length + 1);
}
