/** What processes have left that were killed: half-made repositories, bundles on their way in, and folders of sockets behind which nobody listens. */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { bytesOf } from './bytes-of.ts';
import type { Finding } from './finding.ts';

/** Nobody works on it for so long. */
const OLD_MS = 24 * 3600_000;
/** A supervisor that starts makes its folder before it listens. */
const QUIET_MS = 10 * 60_000;

export function leftovers(data_folder: string): readonly Finding[] {
  const projects = join(data_folder, 'projects');
  return entriesOf(projects).flatMap((name) => {
    if (name.endsWith('.new')) return leftover(`projects/${name}`, data_folder, 'a repository that was never finished');
    return entriesOf(join(projects, name))
      .filter((inner) => /^incoming-.*\.bundle$/.test(inner))
      .flatMap((inner) =>
        leftover(`projects/${name}/${inner}`, data_folder, 'a bundle whose checkpoint did not come to its end'),
      );
  });
}

function leftover(name: string, data_folder: string, why: string): readonly Finding[] {
  const path = join(data_folder, name);
  if (ageOf(path) < OLD_MS) return [];
  const remove = async (): Promise<void> => rmSync(path, { recursive: true, force: true });
  return [{ what: 'leftover', name, bytes: bytesOf(path), why, remove }];
}

/** Beside this one's: those of data folders that are stopped, or gone. The next `tack up` makes its folder anew. */
export async function socketFolders(run_folder: string): Promise<readonly Finding[]> {
  const parent = dirname(run_folder);
  const found = await Promise.all(
    entriesOf(parent)
      .filter((name) => /^tackroom-(\d+-)?[0-9a-f]{8}$/.test(name))
      .map(async (name): Promise<readonly Finding[]> => {
        const path = join(parent, name);
        const { uid } = lstatSync(path, { throwIfNoEntry: false }) ?? {};
        if (uid !== process.getuid?.() || ageOf(path) < QUIET_MS) return [];
        if (await isListening(path)) return [];
        const remove = async (): Promise<void> => rmSync(path, { recursive: true, force: true });
        return [{ what: 'sockets', name: path, bytes: bytesOf(path), why: 'nobody listens on its sockets', remove }];
      }),
  );
  return found.flat();
}

async function isListening(folder: string): Promise<boolean> {
  const sockets = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSocket());
  const answers = await Promise.all(sockets.map(({ parentPath, name }) => accepts(join(parentPath, name))));
  return answers.some(Boolean);
}

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });

const ageOf = (path: string): number =>
  Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there, or no folder
  }
}
