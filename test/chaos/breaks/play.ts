/** Plays what a guard is for, twice: with it nothing may be violated, without it something must be. */
import { openPlace } from '../place.ts';
import { playRound } from '../round.ts';
import type { Cell } from '../cells.ts';
import type { Violation } from '../violation.ts';
import type { Guard } from './guards.ts';
import { playGrant } from './grant.ts';
import { playOutbox } from './outbox.ts';
import { playStaleWriter } from './stale-writer.ts';
import { endLeftovers, upWithout } from './up-without.ts';
import type { Room } from '../../support/tackroom.ts';

/** A scenario on a room of its own; `up` starts the roles. */
export type Scenario = (up: (room: Room) => Promise<unknown>) => Promise<readonly Violation[]>;

const KILLED_AMID_A_TOOL: Cell = { victim: 'worker', moment: 'tool running' };

const SCENARIOS: Readonly<Record<Guard, Scenario>> = {
  epoch: playStaleWriter,
  dedupe: (up) => playCell(KILLED_AMID_A_TOOL, up),
  grant: playGrant,
  outbox: playOutbox,
  fence: (up) => playCell(KILLED_AMID_A_TOOL, up),
};

export async function playBreak(
  guard: Guard,
  say: (line: string) => void,
): Promise<{ readonly with_it: readonly Violation[]; readonly without_it: readonly Violation[] }> {
  const play = SCENARIOS[guard];
  const with_it = await play((room) => room.up());
  say(`with ${guard}: ${inWords(with_it)}`);
  const without_it = await play(upWithout(guard));
  say(`without ${guard}: ${inWords(without_it)}`);
  return { with_it, without_it };
}

async function playCell(cell: Cell, up: (room: Room) => Promise<unknown>): Promise<readonly Violation[]> {
  const place = await openPlace({ harness: 'scripted', up });
  try {
    return (await playRound(place, { ...cell, round: 1, offset_ms: 100 })).violations;
  } finally {
    endLeftovers(place.room.home);
    await place.close();
  }
}

const inWords = (violations: readonly Violation[]): string =>
  violations.length === 0 ? 'no violation' : violations.map(({ oracle, what }) => `${oracle}: ${what}`).join('; ');
