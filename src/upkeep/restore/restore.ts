/** `tack restore`: a backup becomes the data folder, in an empty place. */
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';
import { forgetProcesses } from '../../store/index.ts';
import { groupStatus } from '../../supervisor/control.ts';
import { takeLock } from '../../supervisor/lock.ts';
import type { Manifest } from '../archive/manifest.ts';
import { extract } from './extract.ts';
import { verifyArchive } from './verify.ts';

export interface Restored extends Pick<Manifest, 'made_at' | 'tackroom' | 'sessions' | 'left_out'> {
  readonly data_folder: string;
  readonly from: string;
  readonly took_ms: number;
}

/** What a data folder may hold that is nobody's work. */
const HARMLESS = ['tools', 'lock', 'lock-journal'];

/** Throws `backup_damaged` before anything is touched, `restore_refused` where something is or runs, and what the disk says. */
export async function restore(config: Config, file: string): Promise<Restored> {
  const started = performance.now();
  const { data_folder } = config;
  if (!existsSync(file)) throw new TackError('usage_invalid', `There is no file ${file}.`);
  await refuseWhatIsThere(config);
  const manifest = verifyArchive(file);
  const lock = takeLock(join(data_folder, 'lock')); // no `tack up` meanwhile
  try {
    await refuseWhatIsThere(config); // somebody may have come while it was verified
    const version = join(data_folder, 'version');
    writeFileSync(version, 'restoring\n', { mode: 0o644, flag: 'wx' }); // a part of it is not started: its version is unknown
    extract(file, { manifest, data_folder });
    forgetProcesses(join(data_folder, 'store.db'));
    writeFileSync(`${version}.new`, `${manifest.version}\n`, { mode: 0o644 });
    renameSync(`${version}.new`, version);
  } finally {
    lock.release();
  }
  const { made_at, tackroom, sessions, left_out, data_folder: from } = manifest;
  return { data_folder, from, made_at, tackroom, sessions, left_out, took_ms: Math.round(performance.now() - started) };
}

async function refuseWhatIsThere({ data_folder, run_folder }: Config): Promise<void> {
  const group = await groupStatus(run_folder);
  if (group)
    throw new TackError(
      'restore_refused',
      `Tackroom runs for ${data_folder} (supervisor ${group.pid}). Set TACK_HOME to an empty folder.`,
    );
  const there = readdirSync(data_folder).filter((name) => !HARMLESS.includes(name));
  if (there.length > 0)
    throw new TackError(
      'restore_refused',
      `${data_folder} is not empty (${there.slice(0, 5).join(', ')}${there.length > 5 ? ', …' : ''}). Set TACK_HOME to an empty folder.`,
    );
}
