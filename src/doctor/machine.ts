/** What Tackroom stands on: Node, git, the sandbox, the Temporal server. */
import { release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { describeLimits, probe, SANDBOX_UID, versionOfGit } from '../sandbox/index.ts';
import { findTemporal, TEMPORAL_VERSION } from '../supervisor/temporal-binary.ts';
import { failed, ok, warning, type Look } from './check.ts';

/** Source: `engines` of package.json. */
const NODE_NEEDED = [22, 19] as const;
/** Source: reference of the sandbox, `safe.bareRepository`. */
const GIT_NEEDED = [2, 38] as const;

export const node: Look = async () => {
  const found = `Node ${process.versions.node} on ${process.platform} ${release()}, ${process.arch}, ${gigabytes(totalmem())} of memory`;
  return [isAtLeast(process.versions.node, NODE_NEEDED) ? ok(found) : failed(found, 'npm install -g node@24')];
};

export const git: Look = async () => {
  const version = await versionOfGit();
  if (version === null) return [failed('git is missing', 'apt-get install git')];
  return [
    isAtLeast(version, GIT_NEEDED)
      ? ok(`git ${version}`)
      : failed(`git ${version}, ${GIT_NEEDED.join('.')} is needed`, 'apt-get install git'),
  ];
};

/** With every limit that this machine cannot hold. */
export const sandbox =
  ({ is_root }: Config): Look =>
  async () => {
    const found = probe({ drop_to: is_root ? SANDBOX_UID : undefined });
    if (!found.usable) return [failed(found.reason, found.way_out)];
    const as = is_root ? `, as uid ${SANDBOX_UID}` : '';
    const by = describeLimits()
      .filter(({ limit }) => ['memory', 'processes', 'disk'].includes(limit))
      .map((one) => `${one.limit} ${one.value} by ${one.by}`);
    const held = `bubblewrap ${found.version}${as}; ${by.join(', ')}`;
    if (found.not_enforced.length === 0) return [ok(held)];
    return [ok(`${held}; not bounded here: ${found.not_enforced.join(', ')}`)];
  };

export const engine =
  ({ temporal, path, data_folder }: Config): Look =>
  async () => {
    if (temporal.address !== null) return [ok(`an engine of your own: ${temporal.address}`)];
    const { binary, tried } = await findTemporal({
      override: temporal.bin,
      path,
      tools: join(data_folder, 'tools'),
    });
    if (binary !== null) return [ok(binary)];
    if (temporal.bin !== null) return [failed(tried.join('; '), 'unset TACK_TEMPORAL_BIN')];
    return [warning([...tried, `none yet: the first start installs ${TEMPORAL_VERSION}`].join('; '), 'tack up')];
  };

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
};

export const gigabytes = (bytes: number): string => `${(bytes / 1_000_000_000).toFixed(1)} GB`;
