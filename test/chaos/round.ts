/** One round of one cell: a session is brought to its moment, something is killed, and the oracles judge what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { AROUND_MS, type Round } from './cells.ts';
import { killAmid, type Outcome } from './kill-amid.ts';
import type { Place } from './place.ts';
import { startAt, type Watched } from './session.ts';

export interface Played extends Pick<Outcome, 'went_on_ms' | 'done_ms' | 'violations'> {
  readonly killed: 'yes' | 'nothing to kill';
}

/** Throws when the round could not be played: that says nothing about what holds. */
export async function playRound(place: Place, { victim, moment, offset_ms }: Round): Promise<Played> {
  const { room } = place;
  await until('every role', async () => (await room.status()).ready, 60_000);
  const group = await room.status();
  const session = await startAt(place, moment);
  if (offset_ms >= 0) await session.reached();
  else await session.near();
  await sleep(offset_ms >= 0 ? offset_ms : AROUND_MS + offset_ms);

  const { killed, outcomes } = await killAmid(place, { victim, group, sessions: [session] });
  const [{ went_on_ms, done_ms, violations }] = outcomes as [Outcome];
  if (moment === 'roll-over' && violations.length === 0) await assertRolled(place, session);
  return { killed: killed > 0 ? 'yes' : 'nothing to kill', went_on_ms, done_ms, violations };
}

/** A moment that did not come was not played. */
async function assertRolled({ room }: Place, { id }: Watched): Promise<void> {
  const query = `WorkflowId = "session/${id}"`;
  await until(
    `another run of ${id}`,
    async () => {
      const runs = JSON.parse(await room.temporal('workflow', 'list', '--query', query, '-o', 'json')) as unknown[];
      return runs.length > 1;
    },
    20_000,
  );
}
