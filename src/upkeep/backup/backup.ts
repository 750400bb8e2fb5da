/** `tack backup`: everything of a data folder as it was at one moment, into one file, while the roles run. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';
import { SANDBOX_UID } from '../../sandbox/index.ts';
import { holdStill, leasesNow, type LeaseSeen } from '../../store/index.ts';
import { takeLock } from '../../supervisor/lock.ts';
import { syncFolder } from '../../supervisor/sync-folder.ts';
import { writeFrames } from '../archive/frames.ts';
import { shownPath } from '../archive/manifest.ts';
import { writeArchive, type ArchiveWriter } from '../archive/writer.ts';
import { copyFolder, type FolderCopy } from './copy-folder.ts';
import { refuseHalf } from './refuse-half.ts';

export interface BackedUp {
  readonly file: string;
  readonly bytes: number;
  readonly sessions: number;
  /** Writers waited for so long. */
  readonly held_ms: number;
  readonly took_ms: number;
  readonly left_out: readonly string[];
}

export interface BackupWish {
  readonly config: Config;
  /** Must not be there. */
  readonly file: string;
  readonly tackroom: string;
}

/** Throws `backup_impossible` where it would be half a backup, `already_running` beside another one, `usage_invalid`, and what a store throws. */
export async function backUp({ config, file, tackroom }: BackupWish): Promise<BackedUp> {
  refuseHalf(config);
  if (existsSync(file)) throw new TackError('usage_invalid', `${file} is there already. Name another file.`);
  const lock = takeLock(join(config.data_folder, UPKEEP_LOCK));
  const unfinished = `${file}.part`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    return await make({ config, file, tackroom, unfinished });
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    lock.release();
  }
}

/** One backup or collection at a time: what the one reads, the other might remove. */
export const UPKEEP_LOCK = 'upkeep.lock';

async function make({
  config,
  file,
  tackroom,
  unfinished,
}: BackupWish & { readonly unfinished: string }): Promise<BackedUp> {
  const started = performance.now();
  const { data_folder } = config;
  const path = join(unfinished, basename(file));
  const fd = openSync(path, 'wx', 0o600);
  try {
    const frames = writeFrames(fd);
    const archive = writeArchive(frames);
    const left_out = new Set<string>();
    const unread = (name: string, why: string) => left_out.add(`${shownPath(name)} (${why})`);
    const copy = (below: string, without: readonly string[] = []) =>
      copyFolder({ archive, host: join(data_folder, below), path: below, without, unread });

    const sessions = copySessions(data_folder, copy);
    sessions.whatChanged(leasesNow(join(data_folder, STORE)));
    const { copyTo, held_ms, close } = await atTheMoment(data_folder, (leases) => {
      sessions.whatChanged(leases);
      for (const project of foldersIn(join(data_folder, 'projects'))) copy(`projects/${project}`, ['objects']).again();
    });
    try {
      const copies = { store: join(unfinished, 'store.db'), engine: join(unfinished, 'temporal.db') };
      await copyTo(copies);
      add(archive, STORE, copies.store);
      add(archive, ENGINE, copies.engine);
    } finally {
      close();
    }
    // what the moment names was there before it, and stays: objects and blobs are only added to
    for (const project of foldersIn(join(data_folder, 'projects'))) copy(`projects/${project}/objects`).again();
    if (existsSync(join(data_folder, 'blobs'))) copy('blobs').again();
    const about = { object: 'backup', format: 1, tackroom, data_folder, owner_uid: process.getuid?.() ?? 0 } as const;
    const version = readFileSync(join(data_folder, 'version'), 'utf8').trim();
    archive.seal({
      ...about,
      version,
      sandbox_uid: SANDBOX_UID,
      made_at: new Date().toISOString(),
      held_ms,
      sessions: sessions.count(),
      left_out: [...left_out],
    });
    fsyncSync(fd);
    renameSync(path, file);
    syncFolder(dirname(file));
    const took_ms = Math.round(performance.now() - started);
    return { file, bytes: frames.written(), sessions: sessions.count(), held_ms, took_ms, left_out: [...left_out] };
  } finally {
    closeSync(fd);
  }
}

const STORE = 'store.db';
const ENGINE = 'engine/temporal.db';

/** A session's folder changes only while somebody holds its lease: one that nobody held since it was copied is as it was. */
function copySessions(data_folder: string, copy: (below: string) => FolderCopy) {
  const copied = new Map<string, { readonly copy: FolderCopy; lease: LeaseSeen | undefined }>();
  return {
    count: () => copied.size,
    whatChanged(leases: ReadonlyMap<string, LeaseSeen>): void {
      for (const id of foldersIn(join(data_folder, 'sessions'))) {
        const lease = leases.get(id);
        const before = copied.get(id);
        if (before && before.lease?.epoch === lease?.epoch && before.lease?.is_held !== true) continue;
        const own = before ?? { copy: copy(`sessions/${id}`), lease };
        own.copy.again();
        own.lease = lease;
        copied.set(id, own);
      }
    },
  };
}

async function atTheMoment(data_folder: string, copy: (leases: ReadonlyMap<string, LeaseSeen>) => void) {
  const moment = await holdStill({ store: join(data_folder, STORE), engine: join(data_folder, ENGINE) });
  const held = performance.now();
  try {
    copy(moment.leases());
  } catch (error) {
    moment.close();
    throw error;
  }
  moment.letGo();
  return { ...moment, held_ms: Math.round((performance.now() - held) * 10) / 10 };
}

/** Folders of ours; what is half made or half removed has a dot in its name. */
function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^(ses_[0-9a-z]+|prj_[0-9a-f]+\.git)$/.test(entry.name))
    .map(({ name }) => name);
}

function add(archive: ArchiveWriter, path: string, host: string): void {
  archive.add(path, Buffer.from(host), lstatSync(host, { bigint: true }));
}
