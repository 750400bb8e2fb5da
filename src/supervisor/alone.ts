/** What the supervisor does for a role that is started without it. */
import type { Config } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import type { Role } from '../domain/wires/supervisor.ts';
import { groupStatus } from './control.ts';
import { prepareFolders } from './data-folder.ts';
import { engineReady } from './engine-ready.ts';

/** Source: the default port of a Temporal server. */
const USUAL_ADDRESS = '127.0.0.1:7233';

/** Makes the folders, waits for the engine. `already_running` when a group has this role for the same data folder. */
export async function prepareAlone(role: Role, config: Config): Promise<void> {
  prepareFolders(config);
  const group = await groupStatus(config.run_folder);
  if (group)
    throw new TackError(
      'already_running',
      `The ${role} of ${config.data_folder} runs already, under supervisor ${group.pid}.`,
    );
  if (role === 'broker') return; // it needs no engine
  const { namespace, address } = config.temporal;
  await engineReady(
    { address: address ?? USUAL_ADDRESS, namespace, is_own: false },
    { signal: new AbortController().signal, tried: (why) => process.stderr.write(`Waiting for the engine: ${why}\n`) },
  );
}
