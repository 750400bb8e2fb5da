/** The supervisor's socket: what runs, stop, restart a role. Reached by whoever owns the run folder. */
import { createServer, request, type Server } from 'node:http';
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
export function askSupervisor(run_folder: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
  refuseForeign(run_folder);
  return new Promise((resolve, reject) => {
    const req = request({ socketPath: socketOf(run_folder), method, path, timeout: 5_000 }, (res) => {
      const parts: Buffer[] = [];
      res
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          const text = Buffer.concat(parts).toString();
          if ((res.statusCode ?? 500) < 300) return resolve(JSON.parse(text) as unknown);
          return reject(new TackError('request_invalid', (JSON.parse(text) as { detail?: string }).detail ?? text));
        });
    });
    req.on('timeout', () => req.destroy(new TackError('server_unreachable', 'The supervisor does not answer.')));
    req.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? resolve(null) : reject(error),
    );
    req.end();
  });
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
