/** The harness behind an agent, as it was found where the session will run: said before anything is pushed. */
import type { Client } from '../../api/contract/client.ts';
import type { HarnessInfo } from '../../api/contract/info.ts';
import { TackError } from '../../domain/errors.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';

/** `harness_unknown`; `harness_unavailable` with the reason and the way out. */
export async function harnessOf(client: Client, { harness }: AgentConfig): Promise<HarnessInfo> {
  const { data } = await client.harnesses.list();
  const found = data.find(({ id }) => id === harness);
  if (!found)
    throw new TackError(
      'harness_unknown',
      `The server has no harness ${JSON.stringify(harness)}; it has ${data.map(({ id }) => id).join(', ')}.`,
    );
  if (!found.available)
    throw new TackError('harness_unavailable', found.problem ?? `${found.name} is not installed there.`);
  return found;
}
