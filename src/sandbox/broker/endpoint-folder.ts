/** The folder of one session's socket: the same for the same session, and closed to every other user. */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TackError } from '../../domain/errors.ts';

export interface EndpointFolder {
  readonly dir: string;
  readonly socket: string;
  /** Lets the sandbox in, once the socket is there. */
  open(): void;
  remove(): void;
}

/** `group` is the sandbox's, where that is not this process's own user: it may connect, and change nothing. */
export interface FolderPlace {
  readonly run_folder: string;
  readonly group: number | null;
}

/** A unix socket's path ends here. */
const PATH_BYTES = 107;

/** Finds or makes the folder. A sandbox that has it bound keeps seeing it when the broker comes back. */
export function endpointFolder({ run_folder, group }: FolderPlace, session_id: string): EndpointFolder {
  const id = createHash('sha256').update(session_id).digest('hex').slice(0, 12);
  const dir = join(run_folder, 'e', id);
  const socket = join(dir, 'e.sock');
  if (Buffer.byteLength(socket) > PATH_BYTES)
    throw new TackError(
      'data_folder_invalid',
      `${socket} is longer than a socket's path may be. Shorten XDG_RUNTIME_DIR.`,
    );
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new TackError('data_folder_invalid', `${dir} is not a folder of this user.`);
  rmSync(socket, { force: true }); // of a broker that died
  return {
    dir,
    socket,
    open() {
      for (const [path, modes] of [
        [socket, { own: 0o600, shared: 0o660 }],
        [dir, { own: 0o700, shared: 0o750 }],
      ] as const) {
        if (group !== null) chownSync(path, process.getuid?.() ?? 0, group);
        chmodSync(path, group === null ? modes.own : modes.shared);
      }
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
