/** `tack doctor`: what works on this machine, and what mends the rest. */
import type { Config } from '../config.ts';
import { credentials, harnesses } from './agents.ts';
import { failed, type Check, type Look } from './check.ts';
import { engine, git, node, sandbox } from './machine.ts';
import { dataFolder, disk, port, roles } from './place.ts';

export type { Check } from './check.ts';

/** Each look by its name, in the order in which one needs the other. */
const LOOKS: Readonly<Record<string, (config: Config) => Look>> = {
  node: () => node,
  git: () => git,
  sandbox,
  engine,
  harnesses,
  credentials: () => credentials,
  data_folder: dataFolder,
  disk,
  port,
  roles,
};

export const CHECKS: readonly string[] = Object.keys(LOOKS);

/** Runs the named checks, or all; yields each as it is done. */
export async function* diagnose(config: Config, names: readonly string[] = CHECKS): AsyncGenerator<Check> {
  for (const name of names) {
    const look = LOOKS[name];
    if (look) for (const seen of await looked(look(config))) yield { check: name, ...seen };
  }
}

async function looked(look: Look): ReturnType<Look> {
  try {
    return await look();
  } catch (error) {
    return [failed(error instanceof Error ? error.message : String(error), 'tack doctor --json # and report it')];
  }
}
