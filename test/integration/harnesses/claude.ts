/** The real Claude Code against the scripted model server. */
import { startModelServer, type ModelServer } from '../../../src/demo/model-server/server.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import type { Harness } from '../../../src/harnesses/contract.ts';
import type { Sandbox } from '../../../src/sandbox/contract.ts';
import { endpointTo } from '../../support/endpoint.ts';
import { aPlace, type Place } from '../sandbox/place.ts';
import { openRig, type Rig } from './rig.ts';

export interface Claude {
  readonly harness: Harness;
  readonly model: ModelServer;
  readonly binary: string;
  rig(kind?: Sandbox['kind']): Rig;
  close(): Promise<void>;
}

export const tag = (name: string, args: unknown = {}): string => `Do it. [[${name} ${JSON.stringify(args)}]]`;
export const story = (...steps: readonly unknown[]): string => tag('story', { steps });

export async function openClaude(): Promise<Claude> {
  const binary = process.env['TACK_CLAUDE_BIN'];
  if (!binary) throw new Error('TACK_CLAUDE_BIN names no claude: `./tack test` installs the pinned one and sets it.');
  const model = await startModelServer({ keep_bodies: true });
  const harness = createClaudeCode({ binary, path: '' });
  const endpoints: Awaited<ReturnType<typeof endpointTo>>[] = [];
  const rigs: Rig[] = [];
  return {
    harness,
    model,
    binary,
    rig(kind) {
      const endpoint_dir = async ({ sandbox }: Place) => {
        const endpoint = await endpointTo(model.url, sandbox.uid);
        endpoints.push(endpoint);
        return endpoint.dir;
      };
      const rig = openRig(harness, endpoint_dir, aPlace(kind));
      rigs.push(rig);
      return rig;
    },
    async close() {
      for (const rig of rigs) await rig.close();
      for (const endpoint of endpoints) await endpoint.close();
      await model.close();
    },
  };
}
