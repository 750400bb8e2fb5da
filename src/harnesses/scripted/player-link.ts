/** The host's end of a player: one order at a time, lines in and out. */
import type { SandboxProcess } from '../../sandbox/contract.ts';
import { TackError } from '../../domain/errors.ts';
import { onLines } from '../lines.ts';
import type { Order, Told } from './wire.ts';

type Done = Extract<Told, { told: 'done' }>;

export interface Player {
  /** Resolves when the player has done it; never, when it ended before. */
  obey(order: Order, word?: (text: string) => void): Promise<Done>;
  /** How it ended, with its last words. */
  readonly ended: Promise<string>;
}

export function linkPlayer(live: SandboxProcess): Player {
  let waiting: { readonly done: (told: Done) => void; readonly word: (text: string) => void } | undefined;
  const words: string[] = [];
  live.stdin.on('error', () => undefined); // the player is gone: its exit says more
  live.stderr.on('data', (chunk: Buffer) => void (words.length < 100 && words.push(chunk.toString())));
  const hear = (line: string) => {
    const told = JSON.parse(line) as Told; // of our own program; what runs below it has no hold of this stream
    if (told.told === 'word') return waiting?.word(told.text);
    const { done } = waiting ?? {};
    waiting = undefined;
    done?.(told);
  };
  onLines(live.stdout, hear, { endless: () => void live.kill() });
  return {
    obey(order, word = () => undefined) {
      if (waiting) throw new TackError('internal', 'The player does one thing at a time.');
      return new Promise((done) => {
        waiting = { done, word };
        live.stdin.write(`${JSON.stringify(order)}\n`);
      });
    },
    ended: live.exited.then(
      ({ code, signal }) =>
        `${signal ?? `exit ${code}`}${words.length ? `: ${words.join('').trim().slice(-500)}` : ''}`,
    ),
  };
}
