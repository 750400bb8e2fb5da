/** A harness in a place of its own: starts it as an attempt of a turn does, and keeps what it yields. */
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { Content } from '../../../src/domain/content.ts';
import type {
  Gate,
  GateCall,
  Harness,
  HarnessEvent,
  HarnessSession,
  ResumeState,
  TurnEnd,
} from '../../../src/harnesses/contract.ts';
import { onLines } from '../../../src/harnesses/lines.ts';
import type { Sandbox, SandboxProcess } from '../../../src/sandbox/contract.ts';
import { processesOf } from '../../support/processes.ts';
import { aPlace, type Place } from '../sandbox/place.ts';

/** What survives a process, as the worker keeps it. */
export interface Archived {
  state: ResumeState | null;
  transcript: Buffer;
}
export interface Playing {
  readonly session: HarnessSession;
  readonly events: HarnessEvent[];
  readonly calls: GateCall[];
  /** How the turn ended; it settles when the harness says so. */
  readonly ended: Promise<TurnEnd | undefined>;
}
export interface PlayOptions {
  readonly words: string | readonly Content[];
  readonly gate?: Gate;
  readonly turn_id?: string;
  readonly note?: string;
  readonly script?: string | null;
  readonly instructions?: string;
  readonly limits?: Readonly<Record<string, number>>;
  /** Changes the lines on their way; null swallows one. */
  readonly tamper?: Tamper;
}
export interface Tamper {
  readonly in?: (line: string) => string | null;
  readonly out?: (line: string) => string | null;
  readonly argv?: (argv: readonly string[]) => readonly string[];
}

export interface Rig {
  readonly place: Place;
  readonly archived: Archived;
  play(options: PlayOptions): Promise<Playing>;
  /** Plays a turn to its end and closes the session. */
  turn(options: PlayOptions): Promise<Playing & { readonly end: TurnEnd | undefined }>;
  /** The home is lost: a new one, empty. */
  loseHome(): void;
  /** What the commands of a test have written into the worktree. */
  read(file: string): string;
  /** Processes of this session, as `ps` shows them. */
  processes(): readonly { readonly pid: number; readonly command: string }[];
  close(): Promise<void>;
}

export const allow: Gate = async () => ({ effect: 'allow' });
export const never: Gate = () => new Promise(() => {});

export function openRig(
  harness: Harness,
  endpoint_dir: (place: Place) => Promise<string | null>,
  place: Place = aPlace(),
): Rig {
  const archived: Archived = { state: null, transcript: Buffer.alloc(0) };
  const sessions: HarnessSession[] = [];

  async function play({ words, gate = allow, turn_id = 'trn_1', tamper, ...more }: PlayOptions): Promise<Playing> {
    const session = await harness.start({
      session_id: 'ses_1',
      sandbox: tamper ? tampered(place.sandbox, tamper) : place.sandbox,
      folders: place.folders,
      endpoint_dir: await endpoint_dir(place),
      base_objects: null,
      model: harness.manifest.default_model,
      instructions: more.instructions ?? null,
      script: more.script ?? null,
      resume: archived.state && { state: archived.state, transcript: archived.transcript },
      async archive(offset, bytes) {
        if (offset !== archived.transcript.length)
          throw new Error(`a gap: ${offset} after ${archived.transcript.length}`);
        archived.transcript = Buffer.concat([archived.transcript, bytes]);
      },
      saveResume: async (state) => void (archived.state = state),
      limits: more.limits ?? {},
      onLimit: () => {},
    });
    sessions.push(session);
    const events: HarnessEvent[] = [];
    const calls: GateCall[] = [];
    const content = typeof words === 'string' ? [{ type: 'text' as const, text: words }] : words;
    const turn = { turn_id, note: more.note ?? null, content };
    const ended = (async () => {
      for await (const event of session.runTurn(turn, (call) => (calls.push(call), gate(call)))) events.push(event);
      const last = events.at(-1);
      return last?.kind === 'end' ? last.end : undefined;
    })();
    return { session, events, calls, ended };
  }

  return {
    place,
    archived,
    play,
    async turn(options) {
      const playing = await play(options);
      const end = await playing.ended;
      await playing.session.close();
      return { ...playing, end };
    },
    loseHome() {
      rmSync(place.folders.home, { recursive: true, force: true });
      mkdirSync(place.folders.home, { mode: 0o755 });
      chownSync(place.folders.home, place.sandbox.uid, place.sandbox.uid);
    },
    read(file) {
      const path = join(place.folders.work, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    processes: () => processesOf(`ses_${basename(place.home)}`),
    async close() {
      for (const session of sessions.splice(0)) await session.close();
      place.remove();
    },
  };
}

/** Events of one type, in their order. */
export const logged = ({ events }: Pick<Playing, 'events'>, type: string) =>
  events.flatMap((event) => (event.kind === 'event' && event.event.type === type ? [event.event.data] : []));

export const textOfResult = (data: Readonly<Record<string, unknown>> | undefined): string =>
  ((data?.['content'] ?? []) as readonly { readonly text: string }[]).map(({ text }) => text).join('\n');

function tampered(sandbox: Sandbox, tamper: Tamper): Sandbox {
  return {
    kind: sandbox.kind,
    uid: sandbox.uid,
    paths: sandbox.paths,
    async launch(request) {
      const process = await sandbox.launch({ ...request, argv: tamper.argv?.(request.argv) ?? request.argv });
      return {
        ...process,
        stdin: tamper.in ? into(process.stdin, tamper.in) : process.stdin,
        stdout: tamper.out ? outOf(process.stdout, tamper.out) : process.stdout,
      } satisfies SandboxProcess;
    },
  };
}

function into(stdin: Writable, change: (line: string) => string | null): Writable {
  const stream = new PassThrough();
  onLines(stream, (line) => pass(stdin, change(line)), { endless: () => stream.destroy() });
  stream.on('end', () => stdin.end());
  stdin.on('error', () => undefined);
  return stream;
}

function outOf(stdout: Readable, change: (line: string) => string | null): Readable {
  const stream = new PassThrough();
  onLines(stdout, (line) => pass(stream, change(line)), { endless: () => stream.destroy() });
  stdout.on('end', () => stream.end());
  return stream;
}

const pass = (to: Writable, line: string | null) => void (line !== null && to.writable && to.write(`${line}\n`));
