/** One round of one cell: a session is brought to its moment, something is killed, and the oracles judge what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../support/processes.ts';
import { git } from '../support/repository.ts';
import type { StoredEvent } from '../support/stored-log.ts';
import { until } from '../support/until.ts';
import { AROUND_MS, type Moment, type Round } from './cells.ts';
import { judge } from './judge.ts';
import { killAll, pidsOf, TAKES_THE_ATTEMPT, upAgain } from './kill.ts';
import type { Place } from './place.ts';
import { startAt, type Watched } from './session.ts';
import { expectSoon, Violated, type Violation } from './violation.ts';

/** What was there when the kill came. */
export interface Before {
  readonly events: readonly StoredEvent[];
  readonly requests: number;
  readonly pids: readonly number[];
}

export interface Played {
  readonly killed: 'yes' | 'nothing to kill';
  /** From the kill to the session's next sign of life; null when none came. */
  readonly went_on_ms: number | null;
  /** Until everything that was said is done. */
  readonly done_ms: number | null;
  readonly violations: readonly Violation[];
}

/** Throws when the round could not be played: that says nothing about what holds. */
export async function playRound(place: Place, { victim, moment, offset_ms }: Round): Promise<Played> {
  const { room, repository } = place;
  await until('every role', async () => (await room.status()).ready, 60_000);
  const group = await room.status();
  const session = await startAt(place, moment);
  if (offset_ms >= 0) await session.reached();
  else await session.near();
  await sleep(offset_ms >= 0 ? offset_ms : AROUND_MS + offset_ms);

  const before = look(session);
  const pids = pidsOf(victim, group, [session.id]);
  const killed_at = Date.now();
  const seen: { went_on_ms: number | null } = { went_on_ms: null };
  const violations: Violation[] = [];
  try {
    await killAll(pids);
    if (victim === 'supervisor') await upAgain(room, [session.id]);
    const loses = pids.length > 0 && TAKES_THE_ATTEMPT.includes(victim);
    const went_on_at = await goesOn(session, { before, loses });
    seen.went_on_ms = went_on_at - killed_at;
    violations.push(...(await judge(place, session, before)));
    if (moment === 'roll-over') await assertRolled(place, session);
  } catch (error) {
    if (!(error instanceof Violated)) throw error;
    violations.push(error.violation);
  }
  const changed = git(repository, 'status', '--porcelain').trim();
  if (changed) violations.push({ oracle: 'git', what: `The person's own files changed: ${changed}` });
  return {
    killed: pids.length > 0 ? 'yes' : 'nothing to kill',
    went_on_ms: seen.went_on_ms,
    done_ms: violations.length > 0 ? null : Date.now() - killed_at,
    violations,
  };
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

const look = (session: Watched): Before => ({
  events: session.stored(),
  requests: session.requests().length,
  pids: processesOf(session.id).map(({ pid }) => pid),
});

/** A turn is amid something then, so its next attempt comes before anybody does anything. */
const IN_FLIGHT: readonly Moment[] = ['model streaming', 'tool running', 'approval held', 'queue waiting'];

interface Lost {
  readonly before: Before;
  /** The attempt died, if there was one. */
  readonly loses: boolean;
}

/** Resolves with the time of the session's next sign of life, once what it waits for was given. */
async function goesOn(session: Watched, { before, loses }: Lost): Promise<number> {
  const next = () => expectSoon(...signOf(session, before));
  if (!loses || !IN_FLIGHT.includes(session.moment)) return (await Promise.all([next(), session.letGo()]))[0];
  const at = await next();
  const old = processesOf(session.id).filter(({ pid }) => before.pids.includes(pid));
  if (old.length > 0)
    throw new Violated({
      oracle: 'ps',
      what: `The next attempt runs beside processes of the killed one: ${old.map(({ command }) => command.slice(0, 60)).join('; ')}`,
    });
  await session.letGo();
  return at;
}

const SIGNS = /^(turn\.(resumed|started|completed)|agent\.)/;

/** The model is asked again; a harness without a model is seen in the log on the disk. */
function signOf(session: Watched, { requests, events }: Before): Parameters<typeof expectSoon<number>> {
  if (session.requests().length > 0)
    return ['model server', 'the next request', () => Date.parse(session.requests()[requests]?.at ?? '')];
  const after = events.at(-1)?.seq ?? 0;
  const next = () => session.stored().find(({ seq, type }) => seq > after && SIGNS.test(type));
  return ['log on disk', 'the next event', () => Date.parse(next()?.created_at ?? '')];
}
