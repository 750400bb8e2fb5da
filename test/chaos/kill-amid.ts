/** Kill -9 amid one session or several, and what the oracles see of each until it has done everything. */
import type { GroupStatus } from '../../src/domain/wires/supervisor.ts';
import { processesOf } from '../support/processes.ts';
import { git } from '../support/repository.ts';
import type { StoredEvent } from '../support/stored-log.ts';
import type { Moment, Victim } from './cells.ts';
import { judge } from './judge.ts';
import { killAll, pidsOf, TAKES_THE_ATTEMPT, upAgain } from './kill.ts';
import type { Place } from './place.ts';
import type { Watched } from './session.ts';
import { expectSoon, Violated, type Violation } from './violation.ts';

/** What was there when the kill came. */
export interface Before {
  readonly events: readonly StoredEvent[];
  readonly requests: number;
  readonly pids: readonly number[];
}

export interface Outcome {
  readonly before: Before;
  /** From the kill to the session's next sign of life; null when none came. */
  readonly went_on_ms: number | null;
  /** Until everything that was said is done; null when something was violated. */
  readonly done_ms: number | null;
  readonly violations: readonly Violation[];
}

interface Kill {
  readonly victim: Victim;
  /** The roles, as they were asked for a moment ago: asking takes time. */
  readonly group: GroupStatus;
  readonly sessions: readonly Watched[];
}

/** `killed`: how many processes. */
export async function killAmid(
  place: Place,
  { victim, group, sessions }: Kill,
): Promise<{ readonly killed: number; readonly outcomes: readonly Outcome[] }> {
  const ids = sessions.map(({ id }) => id);
  const before = sessions.map(look);
  const pids = pidsOf(victim, group, ids);
  const killed_at = Date.now();
  const back = (async () => {
    await killAll(pids);
    if (victim === 'supervisor') await upAgain(place.room, ids);
  })();
  const loses = pids.length > 0 && TAKES_THE_ATTEMPT.includes(victim);
  const outcomes = sessions.map(async (session, n): Promise<Outcome> => {
    const own = before[n] as Before;
    const seen: Violation[] = [];
    let went_on_ms: number | null = null;
    try {
      await back;
      const { at, beside, effects } = await goesOn(session, { before: own, loses });
      went_on_ms = at - killed_at;
      seen.push(...beside); // what lives on may keep the other oracles waiting
      if (beside.length === 0) seen.push(...(await judge(place, session, { before: own, effects })));
    } catch (error) {
      if (!(error instanceof Violated)) throw error;
      seen.push(error.violation);
    }
    const changed = git(place.repository, 'status', '--porcelain').trim();
    if (changed) seen.push({ oracle: 'git', what: `The person's own files changed: ${changed}` });
    return { before: own, went_on_ms, done_ms: seen.length > 0 ? null : Date.now() - killed_at, violations: seen };
  });
  return { killed: pids.length, outcomes: await Promise.all(outcomes) };
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

interface WentOn {
  /** The time of the session's next sign of life. */
  readonly at: number;
  /** What ran beside it that must not. */
  readonly beside: readonly Violation[];
  /** What its commands had left then; null when its attempt lives on. */
  readonly effects: readonly string[] | null;
}

/** Resolves once what the session waits for was given. */
async function goesOn(session: Watched, { before, loses }: Lost): Promise<WentOn> {
  if (!loses || !IN_FLIGHT.includes(session.moment)) {
    const [at] = await Promise.all([expectSoon(...signOf(session, before)), session.letGo()]);
    return { at, beside: [], effects: null };
  }
  const at = await expectSoon('model server', 'the next attempt', () => nextAttempt(session, before));
  const old = processesOf(session.id).filter(({ pid }) => before.pids.includes(pid));
  const effects = session.effects();
  await session.letGo();
  return { at, effects, beside: old.length === 0 ? [] : [besides(old.map(({ command }) => command))] };
}

const besides = (commands: readonly string[]): Violation => ({
  oracle: 'ps',
  what: `The next attempt runs beside processes of the killed one: ${commands.map((words) => words.replaceAll('\n', ' ').slice(0, 40)).join('; ')}`,
});

/** What a killed attempt had sent may still arrive: only what comes after the log says that the next one begins is its sign. */
function nextAttempt(session: Watched, { events }: Before): number | undefined {
  const after = events.at(-1)?.seq ?? 0;
  const begun = session.stored().find(({ seq, type }) => seq > after && /^turn\.(resumed|started)$/.test(type));
  if (!begun) return undefined;
  const since = Date.parse(begun.created_at);
  const requests = session.requests();
  return requests.length === 0 ? since : requests.map(({ at }) => Date.parse(at)).find((at) => at >= since);
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
