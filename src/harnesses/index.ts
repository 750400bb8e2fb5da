/** Every harness that Tackroom drives. */
import { TackError } from '../domain/errors.ts';
import { createClaudeCode, type ClaudeOptions } from './claude-code/index.ts';
import type { Harness } from './contract.ts';
import { createScripted } from './scripted/index.ts';

export interface Harnesses {
  readonly all: readonly Harness[];
  /** Throws `harness_unknown`. */
  find(id: string): Harness;
}

export function createHarnesses(claude: ClaudeOptions): Harnesses {
  const all = [createClaudeCode(claude), createScripted()];
  return {
    all,
    find(id) {
      const harness = all.find(({ manifest }) => manifest.id === id);
      if (!harness) throw new TackError('harness_unknown', `There is no harness ${id}.`);
      return harness;
    },
  };
}
