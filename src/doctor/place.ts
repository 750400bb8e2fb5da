/** Where it happens: the data folder and its disk, the port, what runs. */
import { accessSync, constants, lstatSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Config } from '../config.ts';
import { groupStatus } from '../supervisor/control.ts';
import { failed, ok, warning, type Look } from './check.ts';
import { gigabytes } from './machine.ts';

/** Below this an hour of work may fill the disk; below the other one nothing should begin (bytes). */
const LITTLE = 5_000_000_000;
const TOO_LITTLE = 500_000_000;

export const dataFolder =
  ({ data_folder }: Config): Look =>
  async () => {
    const { uid, mode } = lstatSync(data_folder);
    const own = process.getuid?.() ?? uid;
    if (uid !== own)
      return [failed(`${data_folder} belongs to uid ${uid}`, 'export TACK_HOME=… # a folder of your own')];
    if (!isWritable(data_folder)) return [failed(`${data_folder} cannot be written`, `chmod u+rwx ${data_folder}`)];
    if ((mode & 0o066) !== 0) return [failed(`${data_folder} is open to others`, `chmod go-rw ${data_folder}`)];
    return [ok(data_folder)];
  };

export const disk =
  ({ data_folder }: Config): Look =>
  async () => {
    const { bavail, bsize, ffree, files } = statfsSync(data_folder);
    const free = bavail * bsize;
    const found = `${gigabytes(free)} free for ${data_folder}`;
    if (files > 0 && ffree === 0) return [failed(`${found}, and no room for one more file`, 'tack gc')];
    if (free < TOO_LITTLE) return [failed(found, 'tack gc')];
    return [free < LITTLE ? warning(found, 'tack gc') : ok(found)];
  };

/** A taken port stops nobody: the server takes a free one, and `server.json` says which. */
export const port =
  ({ port: wanted, run_folder }: Config): Look =>
  async () => {
    const group = await groupStatus(run_folder);
    if (group?.port != null) return [ok(`the server listens on 127.0.0.1:${group.port}`)];
    if (wanted === 0) return [ok('the server takes a free one')];
    if (await isFree(wanted)) return [ok(`127.0.0.1:${wanted} is free`)];
    return [ok(`127.0.0.1:${wanted} is taken by another program: the server will take a free one`)];
  };

export const roles =
  ({ run_folder, data_folder }: Config): Look =>
  async () => {
    const group = await groupStatus(run_folder);
    if (group === null) return [ok('nothing runs yet; `tack run` starts what it needs')];
    const missing = group.roles.filter(({ state }) => state !== 'ready' && state !== 'away');
    if (missing.length === 0) return [ok(`engine, broker, server and worker run (supervisor ${group.pid})`)];
    const words = missing.map(({ role, state, detail }) => `${role} is ${state}${detail ? ` (${detail})` : ''}`);
    return [failed(`${words.join(', ')}; logs in ${data_folder}/logs`, 'tack down && tack up')];
  };

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false; // this is the finding
  }
}

async function isFree(wanted: number): Promise<boolean> {
  const server = createServer().listen(wanted, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false; // this is the finding
  } finally {
    server.close();
  }
}
