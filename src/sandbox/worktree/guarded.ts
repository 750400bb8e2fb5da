import { chownSync, lstatSync, mkdirSync, type Stats, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TackError } from '../../domain/errors.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../domain/planted.ts';
import { INSIDE } from '../contract.ts';
import type { Mount } from '../isolation/options.ts';

/** Below `.git`: what makes git run a command or look elsewhere. Content is for those that must exist and do not. */
const GIT_PARTS: Readonly<Record<string, 'folder' | string>> = {
  config: '',
  commondir: '.\n',
  hooks: 'folder',
  info: 'folder',
  modules: 'folder',
  worktrees: 'folder',
  objects: 'folder',
  'objects/info': 'folder',
  'objects/info/alternates': '',
};
/** Parents of parts: they must be real, and stay writable. Mounted all the same: what merely contains mounts can be renamed. */
const WRITABLE_PARTS = new Set(['objects', 'objects/info']);

/**
 * Pins `.git`, and makes read-only what in it makes git run a command or look elsewhere. A symlink where a mount belongs is
 * refused: it would lead the launcher out of the worktree. A folder without `.git` has nothing to guard.
 */
export function gitMounts(work: string, uid: number): readonly Mount[] {
  const git = join(work, '.git');
  const stat = lookAt(git);
  if (!stat) return [];
  if (!stat.isDirectory()) throw notPlain(git);
  const mounts = Object.entries(GIT_PARTS).map(([part, content]): Mount => {
    const path = join(git, part);
    ensurePart(path, content, uid);
    const how = WRITABLE_PARTS.has(part) ? 'bind' : 'ro-bind';
    return { how, host: path, inside: `${INSIDE.work}/.git/${part}` };
  });
  return [{ how: 'bind', host: git, inside: `${INSIDE.work}/.git` }, ...mounts];
}

/**
 * Makes the planted files read-only: those that are there, and the names of those that are not. A symlink of such a name
 * comes from the base commit; it is left as it is, because a mount would follow it.
 */
export function plantedMounts(work: string): readonly Mount[] {
  const mask = (name: string, empty: 'empty-file' | 'empty-folder'): readonly Mount[] => {
    const host = join(work, name);
    const inside = `${INSIDE.work}/${name}`;
    const stat = lookAt(host);
    if (!stat) return [{ how: empty, inside }];
    return stat.isSymbolicLink() ? [] : [{ how: 'ro-bind', host, inside }];
  };
  return [
    ...PLANTED_FILES.flatMap((name) => mask(name, 'empty-file')),
    ...PLANTED_FOLDERS.flatMap((name) => mask(name, 'empty-folder')),
  ];
}

function ensurePart(path: string, content: string, uid: number): void {
  const stat = lookAt(path);
  if (stat && (content === 'folder' ? stat.isDirectory() : stat.isFile())) return;
  if (stat) throw notPlain(path);
  if (content === 'folder') mkdirSync(path);
  else writeFileSync(path, content, { flag: 'wx' });
  chownSync(path, uid, uid);
}

const lookAt = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

const notPlain = (path: string): TackError =>
  new TackError('sandbox_failed', `${path} was replaced: a mount there could lead anywhere`);
