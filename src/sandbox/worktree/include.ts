import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Sandbox, SessionFolders } from '../contract.ts';
import { INSIDE } from '../contract.ts';
import { runInside } from './inside.ts';

/** Folders to copy from the person's checkout on this machine. */
export interface IncludeRequest {
  readonly source: string;
  /** Below the checkout. */
  readonly paths: readonly string[];
}

/** What became of one folder: its size in the worktree, or why it is not there. */
export type Included =
  | { readonly path: string; readonly bytes: number; readonly files: number; readonly problem?: string }
  | { readonly path: string; readonly left_out: string };

/**
 * Copies folders of the person's checkout into the worktree, as the sandbox's uid, inside a sandbox: a symlink in either of
 * them leads nowhere else. What the base commit brought is not overwritten. A folder that cannot be copied is said, not fatal.
 */
export async function copyIncluded(
  request: IncludeRequest & { session_id: string; sandbox: Sandbox; folders: SessionFolders },
): Promise<readonly Included[]> {
  const done: Included[] = [];
  for (const path of request.paths) done.push(await copyOne(request, path));
  return done;
}

const SOURCE = '/run/tack-include';

async function copyOne(
  { session_id, sandbox, folders, source }: Parameters<typeof copyIncluded>[0],
  path: string,
): Promise<Included> {
  const refused = await whyNot(source, path);
  if (refused !== undefined) return { path, left_out: refused };
  const read_only = [{ host: join(await realpath(source), path), inside: SOURCE }];
  const args = [SOURCE, `${INSIDE.work}/${normalize(path)}`];
  const { out, said } = await runInside(sandbox, { session_id, folders, read_only, script: COPY, args });
  const [bytes, files] = out.trim().split(' ').map(Number);
  return { path, bytes: bytes ?? 0, files: files ?? 0, ...(said !== '' && { problem: said.slice(0, 2_000) }) };
}

async function whyNot(source: string, path: string): Promise<string | undefined> {
  const clean = normalize(path).replace(/\/$/, '');
  if (isAbsolute(path) || clean === '.' || clean.split('/').includes('..')) return 'is not below the checkout';
  if (clean.split('/').includes('.git')) return 'belongs to git';
  const root = await realpath(source).catch(() => undefined);
  const full = join(root ?? source, clean);
  const stat = await lstat(full).catch(() => undefined);
  if (root === undefined || !stat) return 'is not there, or cannot be read';
  if (!stat.isDirectory() || (await realpath(full)) !== full) return 'is no folder of its own';
  return undefined;
}

const COPY = `
mkdir -p "\${2%/*}" || exit 1
cp -a --reflink=auto --no-preserve=ownership --no-clobber -T "$1" "$2" || echo "not everything could be copied" >&2
echo "$(du -sb "$2" | cut -f1) $(find "$2" -type f | wc -l)"
`;
