/** All activities of a worker, made from its ports: by queue. */
import type { ControlActivities, HostActivities, PoolActivities } from './contract.ts';
import { controlActivities } from './control.ts';
import { classified } from './failure.ts';
import { createLiveTurns, type LiveTurns } from './live-turns.ts';
import { poolActivities } from './pool.ts';
import type { ActivityPorts } from './ports.ts';
import { createRunTurn } from './run-turn/run-turn.ts';

export interface Activities {
  readonly pool: PoolActivities;
  readonly host: HostActivities;
  readonly control: ControlActivities;
  /** The turns that run here: the broker's questions are about them. */
  readonly turns: LiveTurns;
}

export function createActivities(ports: ActivityPorts): Activities {
  const turns = createLiveTurns();
  return {
    pool: classified(poolActivities(ports)),
    host: classified<HostActivities>({ runTurn: createRunTurn(ports, turns) }),
    control: classified(controlActivities(ports, turns)),
    turns,
  };
}

export { heartbeats } from './heartbeat.ts';
export type * from './ports.ts';
