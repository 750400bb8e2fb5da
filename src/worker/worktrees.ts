/** Where the sessions of this host work: `sessions/<id>` of the data folder, with the project's work checked out. */
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Worktree, Worktrees } from '../activities/ports.ts';
import { branchOf, slugOf } from '../domain/git-names.ts';
import type { IncludedFolder } from '../domain/included-folder.ts';
import type { SessionRecord } from '../domain/ports/records.ts';
import {
  checkpoint,
  prepareWorktree,
  setUp,
  type IncludeRequest,
  type Sandbox,
  type SessionFolders,
} from '../sandbox/index.ts';

export interface WorktreeOptions {
  readonly data_folder: string;
  /** Folders of a checkout are copied on the machine where they are. */
  readonly machine: string;
}

export function createWorktrees({ data_folder, machine }: WorktreeOptions): Worktrees {
  return {
    async prepare(record, sandbox) {
      const { session_id, project_id, base_ref } = record;
      const place = join(data_folder, 'sessions', session_id);
      const folders = { work: join(place, 'work'), home: join(place, 'home'), out: join(place, 'out') };
      const commands = record.agent.setup ?? [];
      if (project_id === null || base_ref === null) {
        const worktree = withoutProject(place, folders, sandbox);
        await setUp({ sandbox, session: { session_id, folders }, commands });
        return worktree;
      }
      const project_git_dir = join(data_folder, 'projects', `${project_id}.git`);
      const slug = slugOf(record);
      const include = includeOf(record, machine);
      const { base_commit } = await prepareWorktree({
        session_id,
        sandbox,
        project_git_dir,
        base_ref,
        folders,
        branch: branchOf(slug),
        ...(include && { include }),
      });
      const base_objects = join(project_git_dir, 'objects');
      await setUp({ sandbox, session: { session_id, folders, base_objects }, commands });
      return {
        folders,
        base_objects,
        checkpoint: (message) =>
          checkpoint({ session_id, sandbox, project_git_dir, folders, base_commit, slug, message }),
      };
    },
  };
}

function withoutProject(place: string, folders: SessionFolders, { uid }: Sandbox): Worktree {
  mkdirSync(place, { recursive: true, mode: 0o711 });
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chownSync(folder, uid, uid);
  }
  return { folders, base_objects: null, checkpoint: async () => null };
}

/** All folders of a session come from one checkout. */
function includeOf({ include }: SessionRecord, machine: string): IncludeRequest | undefined {
  const here = include.filter((folder) => folder.machine === machine && folder.source.endsWith(`/${folder.path}`));
  const [first] = here;
  if (!first) return undefined;
  const source = checkoutOf(first);
  return { source, paths: here.filter((folder) => checkoutOf(folder) === source).map(({ path }) => path) };
}

const checkoutOf = ({ source, path }: IncludedFolder): string => source.slice(0, -path.length - 1);
