/** The supervisor's socket: what runs, stop, restart a role. Reached by whoever owns the run folder. */
import { createServer, type Server } from 'node:http';
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { askSocket } from '../ask-socket.ts';
import { isTackError, TackError } from '../domain/errors.ts';
import { GroupStatus, Role } from '../domain/wires/supervisor.ts';
import type { Group } from './group.ts';

const socketOf = (run_folder: string): string => join(run_folder, 'supervisor.sock');

/** Serves the socket; `stop` is called once somebody asked for it, after the answer is out. */
export function serveControl(
  run_folder: string,
  { group, stop }: { readonly group: Group; readonly stop: () => void },
): Promise<Server> {
  const path = socketOf(run_folder);
  rmSync(path, { force: true }); // the lock says that nobody serves it
  const server = createServer((req, res) => {
    const answer = (status: number, body: unknown) =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const role = Role.safeParse(/^\/restart\/([a-z]+)$/.exec(req.url ?? '')?.[1]);
    if (req.method === 'GET' && req.url === '/status') return answer(200, group.status());
    if (req.method === 'POST' && req.url === '/stop') return (answer(202, {}), res.once('finish', stop), undefined);
    if (req.method !== 'POST' || !role.success)
      return answer(404, { detail: 'GET /status, POST /stop, POST /restart/{role}' });
    try {
      group.restart(role.data);
      return answer(202, {});
    } catch (error) {
      return answer(isTackError(error) ? 422 : 500, { detail: String(error) });
    }
  });
  return new Promise((resolve, reject) => server.once('error', reject).listen(path, () => resolve(server)));
}

/** Asks the supervisor. Null when nobody is there; `data_folder_invalid` when the socket's folder is somebody else's. */
export async function askSupervisor(run_folder: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
  refuseForeign(run_folder);
  const said = await askSocket({ socket: socketOf(run_folder), method, path, within_ms: 5_000 }).catch(nobodyThere);
  if (said === null) return null;
  const body = JSON.parse(said.text) as { readonly detail?: string };
  if (said.status < 300) return body;
  throw new TackError('request_invalid', body.detail ?? said.text);
}

function nobodyThere(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null;
  if (error.code === 'ETIMEDOUT') throw new TackError('server_unreachable', 'The supervisor does not answer.');
  throw error;
}

/** In /tmp another user may have made it first: what answers there is not ours. */
function refuseForeign(run_folder: string): void {
  const found = lstatSync(run_folder, { throwIfNoEntry: false });
  if (found && (found.uid !== process.getuid?.() || !found.isDirectory()))
    throw new TackError(
      'data_folder_invalid',
      `${run_folder}, the folder of sockets, belongs to uid ${found.uid}. Ask them to remove it, or set TACK_HOME to another folder.`,
    );
}

/** What runs for this data folder; null when nothing does. */
export async function groupStatus(run_folder: string): Promise<GroupStatus | null> {
  const answer = await askSupervisor(run_folder, 'GET', '/status');
  return answer === null ? null : GroupStatus.parse(answer);
}
