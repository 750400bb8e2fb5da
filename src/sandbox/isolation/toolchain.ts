import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { INSIDE, type ReadOnlyBind } from '../contract.ts';

/** The tools of this host that commands inside find on their PATH, beside what /usr has. */
export interface Toolchain {
  readonly binds: readonly ReadOnlyBind[];
  /** PATH inside, and the same for a session without a sandbox. */
  readonly path: string;
  readonly host_path: string;
}

const PERSONS_NODE = '/opt/node';
/** All that is shown of a Node's prefix: it may be `~/.local`, where people keep much else. */
const PARTS = ['bin', 'lib/node_modules', 'include/node'] as const;
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/**
 * Finds the person's own Node and npm, so that the project's tests run inside with what they run with outside, and the
 * Node that runs Tackroom. `path` is the PATH that Tackroom was started with, `exec_path` its own Node.
 */
export function findToolchain({ path, exec_path }: { path: string; exec_path: string }): Toolchain {
  const prefix = personsPrefix(path, exec_path);
  const node: ReadOnlyBind = { host: realpathSync(exec_path), inside: INSIDE.node };
  const own = dirname(INSIDE.node);
  if (prefix === undefined)
    return { binds: [node], path: `${SYSTEM_PATH}:${own}`, host_path: `${path}:${dirname(node.host)}` };
  return {
    binds: [...partsOf(prefix), node],
    path: `${PERSONS_NODE}/bin:${SYSTEM_PATH}:${own}`,
    host_path: `${path}:${dirname(node.host)}`,
  };
}

const partsOf = (prefix: string): readonly ReadOnlyBind[] =>
  PARTS.map((part) => ({ host: join(prefix, part), inside: join(PERSONS_NODE, part) })).filter(({ host }) =>
    existsSync(host),
  );

/** The folder above `bin/node` of the first Node on the PATH that is not just our own binary; none when /usr has it. */
function personsPrefix(path: string, exec_path: string): string | undefined {
  const own = realpathSync(exec_path);
  for (const folder of path.split(':').filter((entry) => entry.startsWith('/'))) {
    const candidate = join(folder, 'node');
    if (!existsSync(candidate)) continue;
    const real = realpathSync(candidate);
    const prefix = dirname(dirname(real));
    const complete = existsSync(join(prefix, 'lib/node_modules/npm'));
    if (real === own && !complete) continue;
    if (isBelowUsr(real)) return undefined;
    // a shim of a version manager finds its versions below the person's home, which is not there inside
    if (basename(real) === 'node' && basename(dirname(real)) === 'bin' && complete) return prefix;
  }
  return undefined;
}

const isBelowUsr = (path: string): boolean => path.startsWith('/usr/') || path.startsWith('/bin/');
