/** The two places that a try is made from. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { INSIDE } from '../../src/sandbox/index.ts';
import { aPlace, aRequest, type Ran } from '../integration/sandbox/place.ts';
import type { Options, Side } from './attempt.ts';
import type { Host } from './host.ts';

/** The bare machine: bash, started as anybody starts it, in the same kind of folders. */
export function bareSide(host: Host): Side {
  const place = aPlace('none');
  const { work, home } = place.folders;
  const begin = async (script: string, { env, more }: Options = {}) => {
    const [command = '', ...args] = more?.argv ?? ['bash', '-c', script];
    const child = spawn(command, args, { cwd: work, env: { ...process.env, HOME: home, ...env }, detached: true });
    await once(child, 'spawn');
    const exited = once(child, 'close').then(([code]) => code as number | null);
    const kill = async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    };
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill };
  };
  return { kind: 'bare', host, place, work, home, ...runners(begin) };
}

/** The product's own sandbox: as root it drops, as anybody else it keeps the user. */
export function insideSide(host: Host): Side {
  const place = aPlace('bubblewrap');
  const begin = async (script: string, { env = {}, limits, more }: Options = {}) => {
    const launched = await place.sandbox.launch({
      ...aRequest(place.folders),
      ...{ argv: ['bash', '-c', script], env },
      ...(limits && { limits }),
      ...more,
    });
    return { ...launched, exited: launched.exited.then(({ code }) => code) };
  };
  return { kind: 'inside', host, place, work: INSIDE.work, home: INSIDE.home, ...runners(begin) };
}

interface Begun {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<number | null>;
  kill(): Promise<void>;
}

function runners(begin: (script: string, options?: Options) => Promise<Begun>): Pick<Side, 'sh' | 'start'> {
  const start: Side['start'] = async (script, options) => {
    const begun = await begin(script, options);
    begun.stdin.on('error', () => {}).end();
    const { promise: isReady, resolve } = Promise.withResolvers<void>();
    const out = wordsOf(begun.stdout, (said) => said.includes('ready') && resolve());
    const err = wordsOf(begun.stderr);
    void out.then(() => resolve());
    const ran = Promise.all([out, err, begun.exited]).then(([said, cried, code]): Ran => ({
      out: said,
      err: cried,
      code,
    }));
    await isReady;
    return { ran, end: () => begun.kill() };
  };
  return {
    start,
    async sh(script, options) {
      const { ran, end } = await start(script, options);
      const done = await ran;
      await end();
      return done;
    },
  };
}

/** What a probe says need not be text. */
function wordsOf(stream: Readable, heard: (said: string) => unknown = () => {}): Promise<string> {
  let said = '';
  stream.setEncoding('latin1').on('data', (chunk: string) => {
    said += chunk;
    heard(said);
  });
  return new Promise((resolve) => stream.once('close', () => resolve(said)));
}
