/** Plays the table as whoever runs it: each try from the bare machine, and from inside. */
import { writeSync } from 'node:fs';
import type { Attempt, Outcome, Side } from './attempt.ts';
import { openHost } from './host.ts';
import { bareSide, insideSide } from './sides.ts';
import { ATTEMPTS } from './table.ts';

export interface Played {
  readonly id: string;
  readonly attempt: string;
  readonly expected: string;
  /** What the bare machine made of it; `null` where only root can try. */
  readonly control: Outcome | null;
  readonly inside: Outcome;
  readonly ms: number;
}

/** Only those whose id or words hold `wanted`, when it is given. */
export async function playAll(wanted?: string, told: (row: Played) => void = () => {}): Promise<readonly Played[]> {
  const is_root = process.getuid?.() === 0;
  const host = await openHost();
  const chosen = ATTEMPTS.filter(({ id, attempt }) => wanted === undefined || `${id} ${attempt}`.includes(wanted));
  const rows: Played[] = [];
  const play = async (lane: readonly Attempt[]) => {
    for (const one of lane) {
      const began = performance.now();
      const control = one.needs_root && !is_root ? null : await from(one, bareSide(host));
      const inside = await from(one, insideSide(host));
      const { id, attempt, expected } = one;
      rows.push({ id, attempt, expected, control, inside, ms: Math.round(performance.now() - began) });
      told(rows.at(-1) as Played);
    }
  };
  try {
    await Promise.all(lanesOf(chosen).map(play));
    return rows;
  } finally {
    await host.close();
  }
}

/** What listens to the host has a lane of its own: it must know whom it heard. */
function lanesOf(chosen: readonly Attempt[]): readonly (readonly Attempt[])[] {
  const listening = chosen.filter(({ id }) => id.startsWith('S'));
  const others = chosen.filter(({ id }) => !id.startsWith('S'));
  return [listening, ...[0, 1, 2].map((lane) => others.filter((_, n) => n % 3 === lane))];
}

async function from({ id, attempt, run }: Attempt, side: Side): Promise<Outcome> {
  try {
    return await run(side);
  } catch (cause) {
    throw new Error(`${id} ${attempt}, ${side.kind}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    side.place.remove();
  }
}

/** As a program: a row a line. */
if (import.meta.main) await playAll(process.argv[2], (row) => writeSync(1, `${JSON.stringify(row)}\n`));
