import { mkdirSync } from 'node:fs';
import { TackError } from '../domain/errors.ts';
import type { Sandbox } from './contract.ts';
import { createBubblewrap } from './isolation/bubblewrap.ts';
import { SANDBOX_UID } from './isolation/identity.ts';
import { createNone } from './isolation/none.ts';
import { architecture } from './isolation/probe.ts';
import { STAGE } from './isolation/stage.ts';
import { findToolchain } from './isolation/toolchain.ts';

/** What a sandbox is made from; read once, by whoever composes a role. */
export interface SandboxOptions {
  readonly kind: Sandbox['kind'];
  /** The PATH that Tackroom was started with: the person's Node and npm are found on it. */
  readonly path: string;
  /** The Node that runs Tackroom. */
  readonly exec_path: string;
  /** The uid that a root worker drops to; without meaning for others. */
  readonly uid?: number;
  /** Folders below which the sources of sessions lie: bound once for a root worker, not at each launch. */
  readonly roots?: readonly string[];
}

/**
 * The way to a Sandbox, for the composition of a worker. Cheap; that it works is for `probe` to say, and for each launch
 * to prove again. Throws `sandbox_unavailable` where there is no filter for the machine.
 */
export function createSandbox({ kind, path, exec_path, uid = SANDBOX_UID, roots = [] }: SandboxOptions): Sandbox {
  const toolchain = findToolchain({ path, exec_path });
  const own = process.getuid?.() ?? 0;
  if (kind === 'none') return createNone({ toolchain, uid: own });
  const machine = architecture();
  if (process.platform !== 'linux' || machine === undefined) {
    throw new TackError('sandbox_unavailable', `No sandbox for ${process.platform} on ${process.arch}`);
  }
  const isRoot = own === 0;
  if (isRoot) mkdirSync(STAGE, { recursive: true, mode: 0o755 });
  return createBubblewrap({
    architecture: machine,
    toolchain,
    uid: isRoot ? uid : own,
    drop_to: isRoot ? uid : undefined,
    roots,
  });
}
