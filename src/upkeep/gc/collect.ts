/** `tack gc`: looks at everything that may go, and lets it go. What is not reachable elsewhere stays. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { DEFAULTS } from '../../domain/defaults.ts';
import { TackError } from '../../domain/errors.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { oldKeys, openStore, removeOldKeys } from '../../store/index.ts';
import { isLocked, takeLock } from '../../supervisor/lock.ts';
import { UPKEEP_LOCK } from '../backup/backup.ts';
import { blobs } from './blobs.ts';
import type { Finding } from './finding.ts';
import { leftovers, socketFolders } from './leftovers.ts';
import { sessionFolders } from './session-folders.ts';

export interface GcWish {
  readonly config: Config;
  readonly dry_run: boolean;
  readonly ignored_may_go: boolean;
  readonly now_ms: number;
}

/** Yields each thing that was looked at, removed already unless it is a dry run. `already_running` beside a backup. */
export async function* collect({
  config,
  dry_run,
  ignored_may_go,
  now_ms,
}: GcWish): AsyncGenerator<Omit<Finding, 'remove'> & { readonly goes: boolean }> {
  const { data_folder, run_folder } = config;
  if (!existsSync(join(data_folder, 'version')))
    throw new TackError('usage_invalid', `Nothing ran in ${data_folder} yet.`);
  const upkeep = takeLock(join(data_folder, UPKEEP_LOCK));
  const is_running = isLocked(join(data_folder, 'lock'));
  const alone = is_running ? null : takeLock(join(data_folder, 'lock')); // no `tack up` while contents are compared
  try {
    for await (const { remove, ...finding } of findings({ config, ignored_may_go, now_ms, is_running })) {
      if (remove && !dry_run) await remove();
      yield { ...finding, goes: remove !== null };
    }
    for (const { remove, ...finding } of await socketFolders(run_folder)) {
      if (remove && !dry_run) await remove();
      yield { ...finding, goes: remove !== null };
    }
  } finally {
    alone?.release();
    upkeep.release();
  }
}

type Looking = Omit<GcWish, 'dry_run'> & { readonly is_running: boolean };

async function* findings({ config, ignored_may_go, now_ms, is_running }: Looking): AsyncGenerator<Finding> {
  const { data_folder, database_url, temporal, path } = config;
  const store = await openStore({ data_folder, database_url });
  const sandboxes = new Map<Sandbox['kind'], Sandbox>();
  const sandbox = (kind: Sandbox['kind']): Sandbox => {
    const made = sandboxes.get(kind) ?? createSandbox({ kind, path, exec_path: process.execPath });
    sandboxes.set(kind, made);
    return made;
  };
  try {
    yield* sessionFolders({ data_folder, store, sandbox, ignored_may_go });
  } finally {
    await store.close();
  }
  yield* leftovers(data_folder);
  if (database_url !== null) return; // rows of Postgres are not looked at, and files may be named by them
  const before = new Date(now_ms - DEFAULTS.idempotency_kept_s * 1_000).toISOString();
  const file = join(data_folder, 'store.db');
  const { rows, bytes } = oldKeys(file, before);
  if (rows > 0)
    yield {
      what: 'keys',
      name: `${rows} answers to Idempotency-Keys`,
      bytes,
      why: `older than ${DEFAULTS.idempotency_kept_s / 3_600} h`,
      remove: async () => removeOldKeys(file, before),
    };
  if (temporal.address !== null) return; // its histories may name contents, and cannot be read here
  const orphans = blobs({ data_folder, is_running });
  if (orphans) yield orphans;
}
