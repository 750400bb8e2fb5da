import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { TackError } from '../../domain/errors.ts';
import type { SandboxProcess } from '../contract.ts';
import { childrenOf, type Ending } from './ending.ts';
import { FD } from './prelude.ts';
import { lookUp } from './processes.ts';

/** How to start one command behind a prelude, and what ends it. */
export interface Launch {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What to write to which descriptor; empty is an empty file. */
  readonly feeds: ReadonlyMap<number, string | Uint8Array>;
  /** Resolves when the command may run; the launch goes on meanwhile. */
  readonly ready?: Promise<unknown>;
  /** Reads what the prelude reported: reasons not to start the command. */
  readonly faults: (report: string) => readonly string[];
  /** Ends every process of it, and resolves when none is left. */
  readonly end: (ending: Ending) => Promise<void>;
}

/** A launch that takes longer is given up (ms). A cold start on a busy machine takes half a second. */
const START_TIMEOUT_MS = 30_000;

/**
 * Starts a command behind a prelude, which reports over the lifeline and waits there for `go`. The command runs only if
 * this process lives and found no fault; the end of the lifeline ends it.
 */
export async function launchProcess(launch: Launch): Promise<SandboxProcess> {
  launch.ready?.catch(() => undefined); // it is awaited below, if the launch comes that far
  const child = spawnPiped(launch);
  const lifeline = pipeOf(child, FD.lifeline);
  const ended = new Promise<'ended'>((resolve) => child.once('exit', () => resolve('ended')));
  const exited = new Promise<Awaited<SandboxProcess['exited']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const words = lastWords(child);
  // what is left of a launched process that died early reads the end of the lifeline, and stops
  child.once('exit', () => lifeline.destroy());

  const pid = await spawned(child);
  const outer = lookUp(pid);
  let started: Ending['started'] = [];
  let killing: Promise<void> | undefined;
  const kill = (): Promise<void> => (killing ??= end());
  async function end(): Promise<void> {
    await launch.end({ outer: isOver(child) ? undefined : outer, started });
    await ended;
  }

  const report = await Promise.race([firstLine(lifeline), ended, after(START_TIMEOUT_MS)]);
  if (typeof report !== 'object') {
    await kill();
    const reason = report === undefined ? `nothing happened for ${START_TIMEOUT_MS} ms` : await words.all;
    throw new TackError('sandbox_failed', `The sandbox did not start: ${reason || 'it gave no reason'}`);
  }
  words.leave();
  started = childrenOf(pid);
  const faults = launch.faults(report.line);
  if (faults.length > 0) {
    await kill();
    throw new TackError('sandbox_failed', `A wall of the sandbox is missing: ${faults.join(', ')}`, {
      data: { faults },
    });
  }
  await launch.ready?.catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  lifeline.write('go\n');
  return {
    pid,
    stdin: child.stdin as Writable,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    exited,
    kill,
  };
}

/** Its pid may then be another's. */
const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function spawnPiped({ words, env, cwd, feeds }: Launch): ChildProcess {
  const [file, ...args] = words;
  const highest = Math.max(FD.lifeline, ...feeds.keys());
  const piped = (fd: number): boolean => fd <= 2 || fd === FD.lifeline || feeds.has(fd);
  const stdio = Array.from({ length: highest + 1 }, (_, fd) => (piped(fd) ? ('pipe' as const) : ('ignore' as const)));
  // a group of its own: Ctrl-C in the terminal of a role is no message to a session
  const child = spawn(file as string, args, { env, cwd, stdio, detached: true });
  for (const stream of child.stdio) {
    // whoever is gone no longer reads: the exit says so, and says more
    stream?.on('error', () => {});
  }
  for (const [fd, bytes] of feeds) pipeOf(child, fd).end(bytes);
  return child;
}

/** A descriptor above the three streams; Node's types know the first two of them only. */
const pipeOf = (child: ChildProcess, fd: number): Duplex => (child.stdio as readonly unknown[])[fd] as Duplex;

/** Resolves with the pid, or throws when there is no such program. */
function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', (cause) => {
      reject(new TackError('sandbox_unavailable', `The launcher could not be started: ${cause.message}`, { cause }));
    });
  });
}

function firstLine(stream: Readable): Promise<{ line: string } | 'ended'> {
  return new Promise((resolve) => {
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve({ line: text.slice(0, end) });
    });
    stream.once('close', () => resolve('ended'));
  });
}

/** Keeps what a launch that failed said; `leave` gives the stream to the command's owner, untouched. */
function lastWords(child: ChildProcess): { readonly all: Promise<string>; leave(): void } {
  let text = '';
  const stderr = child.stderr as Readable;
  // at the exit itself: a moment later Node empties streams that nobody reads
  const collect = (): void => void stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.once('exit', collect);
  const all = new Promise<string>((resolve) => child.once('close', () => resolve(text.trim().slice(0, 2_000))));
  return { all, leave: () => void child.off('exit', collect) };
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
