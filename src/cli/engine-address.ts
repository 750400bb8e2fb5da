/** Where the engine of this data folder listens: one of your own, or the one that `tack up` started. */
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';

export interface EngineAddress {
  readonly address: string;
  readonly namespace: string;
}

/** Null when nothing runs here. */
export async function engineHere({ temporal, run_folder }: Config): Promise<EngineAddress | null> {
  const { groupStatus } = await import('../supervisor/control.ts');
  const address = temporal.address ?? (await groupStatus(run_folder))?.temporal_address ?? null;
  return address === null ? null : { address, namespace: temporal.namespace };
}

/** `engine_unavailable` when nothing runs here. */
export async function theEngine(config: Config): Promise<EngineAddress> {
  const engine = await engineHere(config);
  if (engine) return engine;
  throw new TackError(
    'engine_unavailable',
    `No engine runs for ${config.data_folder}. Start it with \`tack up\`, or set TEMPORAL_ADDRESS.`,
  );
}
