/** Brings the cells of one stage to the moment of their answers, and looks at the world when all is said. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { expect } from 'vitest';
import type { Rule } from '../../../src/domain/policy/schema.ts';
import { play, playing, storyOf, type ClaudeRoom, type PlayedSession } from '../../support/claude-room.ts';
import { processesOf } from '../../support/processes.ts';
import { repositoryWith } from '../../support/repository.ts';
import { moveDataFolder, restartEverything } from '../../support/restarts.ts';
import { isLong, record } from '../../support/rounds.ts';
import { sessionIn } from '../../support/session.ts';
import type { Surface } from '../../support/surfaces.ts';
import { until } from '../../support/until.ts';
import {
  atLast,
  cellOf,
  endOf,
  noProcessOf,
  ORDINARY,
  ordinarily,
  PATIENCE_MS,
  type Case,
  type Cell,
  type State,
} from './cell.ts';

export interface Place {
  /** Of the part in the table, from 0. */
  readonly nth: number;
  readonly of: Case;
  readonly surface: Surface;
  readonly state: State;
}

/** A deadline that passed more than a minute ago when the roles are back does not count: on a busy machine they need their time. */
const RESTARTS_WITHIN_S = 120;

/** Seconds, by state: short where the grace shall pass, long where a restart comes first. */
const TIMES: Readonly<Record<State, { readonly grace_s?: number; readonly expires_in_s: number }>> = {
  held: { expires_in_s: isLong ? 40 : 10 },
  suspended: { grace_s: 1, expires_in_s: isLong ? 45 : 15 },
  restarted: { expires_in_s: RESTARTS_WITHIN_S },
  moved: { grace_s: 1, expires_in_s: RESTARTS_WITHIN_S },
};

/** Starts the session; resolves when its first question waits in the state that is meant, but for the restarts. */
export async function begin(here: ClaudeRoom, { of, surface, state }: Place): Promise<Cell> {
  const gate = `gate-${crypto.randomUUID()}`;
  const { expires_in_s, ...usual } = TIMES[state];
  const times = usual.grace_s === undefined ? usual : { grace_s: of.grace_s ?? usual.grace_s };
  const rules = of.rules.map((rule) => ({ ...rule, ...times, ...(of.expires && { expires_in_s }) }));
  const steps = [ordinarily, ...of.steps(gate)];
  const repository = of.in_project ? repositoryWith({ 'README.md': 'A project.\n' }) : null;
  const session = repository
    ? await runIn(here, repository, { steps, rules })
    : await atLast(() => play(here, { steps, rules }));
  const cell = cellOf(here, { surface, state, session, gate, repository });
  await until(
    `the question of ${session.id}`,
    async () => (await session.log()).some(({ type }) => type === 'approval.requested'),
    PATIENCE_MS,
  );
  if (times.grace_s === undefined) return cell;
  await until(
    `${session.id} to be suspended`,
    async () => (await session.log()).some(({ type }) => type === 'turn.suspended'),
    PATIENCE_MS,
  );
  expect(processesOf(session.id)).toEqual([]);
  return cell;
}

/** As a person starts it, in a repository of theirs. */
export async function runIn(
  here: ClaudeRoom,
  repository: string,
  { steps, rules }: { readonly steps: readonly unknown[]; readonly rules: readonly Rule[] },
): Promise<PlayedSession> {
  const { run, prompt } = storyOf(steps);
  const agent = stringify({ name: 'claude', harness: 'claude-code', policies: { rules } });
  writeFileSync(join(repository, 'agent.yaml'), agent);
  const started = await here.room.tack(['run', '--detach', '--json', '--agent', './agent.yaml', prompt], {
    cwd: repository,
  });
  if (started.code !== 0) throw new Error(`tack run ended with ${started.code}: ${started.stderr}`);
  const { id, turn_id } = JSON.parse(started.stdout) as { readonly id: string; readonly turn_id: string };
  return playing(here, sessionIn(here.room, { id, turn_id }), run);
}

/** What a state needs besides the wait: all cells of a stage share it. */
export const COMES_BETWEEN: Readonly<Record<State, (here: ClaudeRoom) => Promise<void>>> = {
  held: async () => {},
  suspended: async () => {},
  restarted: ({ room }) => restartEverything(room, 'all killed at once'),
  moved: ({ room }) => moveDataFolder(room),
};

/** Nothing has run so far but what nobody is asked about; then people act, and the effects tell what ran. */
export async function finish({ nth, of, surface, state }: Place, cell: Cell): Promise<void> {
  const { session } = cell;
  if (!of.expires) expect(session.effects()).toEqual([ORDINARY]); // what expires may be over before it is looked at
  await of.act(cell);
  const end = await endOf(cell);
  expect(end.type).toBe(of.end ?? 'turn.completed');
  const effects = await until('the effects', () => {
    const seen = session.effects();
    return seen.length > of.effects.length ? seen : undefined;
  });
  expect(effects).toEqual([ORDINARY, ...of.effects]);
  await noProcessOf(cell);
  const log = await session.log();
  const asked = log.filter(({ type, data }) => type === 'approval.requested' && data['again'] !== true);
  expect(asked).toHaveLength(of.questions);
  record('approvals', {
    nth,
    part: of.part,
    surface,
    state,
    effects: effects.join(', '),
    questions: of.questions,
    end: end.type.slice('turn.'.length),
    ...(of.instead?.[surface] && { instead: of.instead[surface] }),
  });
  if (cell.repository) rmSync(cell.repository, { recursive: true, force: true });
}
