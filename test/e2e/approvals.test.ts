/** Approvals, whole: each part of them, answered from each surface, while the harness waits, after it was put away, after a restart of every role and after a move. The real Claude Code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaves, openClaudeRoom, play, type ClaudeRoom } from '../support/claude-room.ts';
import { isLong } from '../support/rounds.ts';
import type { TestSession } from '../support/session.ts';
import { SURFACES } from '../support/surfaces.ts';
import { until } from '../support/until.ts';
import { CASES } from './approvals/cases.ts';
import { ORDINARY, ordinarily, PATIENCE_MS, STATES, type Cell } from './approvals/cell.ts';
import { begin, COMES_BETWEEN, finish, type Place } from './approvals/play-cell.ts';

const LONG_MS = 600_000;

let here: ClaudeRoom;
beforeAll(async () => void (here = await openClaudeRoom()));
afterAll(() => here?.close());

describe('controls', () => {
  it('without the rules the same calls run, and nobody is asked', { timeout: LONG_MS }, async () => {
    const gate = crypto.randomUUID();
    const steps = [ordinarily, ...CASES.flatMap((of) => of.steps(gate)).filter((step) => typeof step === 'string')];
    const session = await play(here, { steps, rules: [] });
    await completed(session);
    expect(session.effects()).toEqual(expect.arrayContaining([ORDINARY, 'asked', 'last', 'first']));
    expect((await session.log()).filter(({ type }) => type.startsWith('approval.'))).toEqual([]);
  });

  it('with all of the rules, what none of them names runs, and nobody is asked', { timeout: LONG_MS }, async () => {
    const rules = CASES.flatMap((of) => of.rules).map((rule, n) => ({ ...rule, name: `${rule.name}-${n}` }));
    const session = await play(here, { steps: [ordinarily, leaves('also ordinary')], rules });
    await completed(session);
    expect(session.effects()).toEqual([ORDINARY, 'also ordinary']);
    expect((await session.log()).filter(({ type }) => type.startsWith('approval.'))).toEqual([]);
  });
});

const completed = (session: TestSession) =>
  until(
    `the end of ${session.id}`,
    async () => (await session.log()).find(({ type }) => type === 'turn.completed'),
    PATIENCE_MS,
  );

/** Every combination in the long run; else each case once, each surface and each state with several of them. */
const places: readonly Place[] = isLong
  ? STATES.flatMap((state) => SURFACES.flatMap((surface) => CASES.map((of, nth) => ({ nth, of, surface, state }))))
  : CASES.map((of, nth) => ({
      nth,
      of,
      surface: SURFACES[nth % SURFACES.length]!,
      state: STATES[nth % STATES.length]!,
    }));

/** What comes between is shared by as many sessions as the machine may hold at a time. */
const stages = Map.groupBy(places, ({ state, surface }) => (isLong ? `${state}, answered by ${surface}` : state));

describe.each([...stages])('%s', (_stage, own) => {
  const begun = new Map<Place, Promise<Cell>>();
  beforeAll(async () => {
    const start = (some: readonly Place[]) =>
      Promise.allSettled(
        some.map((place) => {
          const cell = begin(here, place);
          begun.set(place, cell);
          return cell;
        }),
      );
    await start(own.filter(({ of }) => !of.expires));
    await start(own.filter(({ of }) => of.expires)); // their time runs
    await COMES_BETWEEN[own[0]!.state](here);
  }, LONG_MS);

  it.concurrent.each(own.map((place) => [place.of.part, place.surface, place] as const))(
    '%s (%s)',
    { timeout: LONG_MS },
    async (_part, _surface, place) => finish(place, (await begun.get(place))!),
  );
});
