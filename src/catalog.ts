/** What can be run here: the shipped agents, and the harnesses as they were found on this machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog } from './api/server/parts.ts';
import { parseAgent } from './domain/spec/parse.ts';
import type { Harness } from './harnesses/contract.ts';
import type { Probe } from './sandbox/index.ts';

export interface CatalogOptions {
  /** Folder of the shipped agent files. */
  readonly folder: string;
  readonly harnesses: readonly Harness[];
  /** Whether a session can be isolated here. */
  readonly probe: () => Probe;
}

export function createCatalog({ folder, harnesses, probe }: CatalogOptions): Catalog {
  let can_isolate = false; // what was found once is not looked for again; what is missing may come
  return {
    agents: async () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .toSorted()
        .map((name) => parseAgent(readFileSync(join(folder, name), 'utf8'), join('agents', name))),
    harnesses: () =>
      Promise.all(
        harnesses.map(async ({ manifest, probe }) => {
          const found = await probe();
          return {
            object: 'harness' as const,
            id: manifest.id,
            name: manifest.title,
            vendor: manifest.vendor,
            credential_ref: manifest.credential_ref,
            available: found.found,
            version: found.found ? found.version : null,
            problem: found.found ? null : found.problem,
          };
        }),
      ),
    async sandboxProblem() {
      if (can_isolate) return null;
      const found = probe();
      can_isolate = found.usable;
      return found.usable ? null : `No sandbox here: ${found.reason}. ${found.way_out}`;
    },
  };
}
