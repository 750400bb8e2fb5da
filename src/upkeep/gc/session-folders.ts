/** Folders of sessions that have ended: they go when everything of them is elsewhere. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../domain/planted.ts';
import type { SessionRecord } from '../../domain/ports/records.ts';
import type { SessionRow } from '../../domain/ports/projections.ts';
import { removeSessionFolder, unsavedIn, type Sandbox, type Unsaved } from '../../sandbox/index.ts';
import type { Store } from '../../store/index.ts';
import { bytesOf } from './bytes-of.ts';
import type { Finding } from './finding.ts';

export interface SessionParts {
  readonly data_folder: string;
  readonly store: Pick<Store, 'records' | 'projections' | 'leases'>;
  readonly sandbox: (kind: Sandbox['kind']) => Sandbox;
  /** Files that git ignores count as nobody's work. */
  readonly ignored_may_go: boolean;
}

export async function* sessionFolders(parts: SessionParts): AsyncGenerator<Finding> {
  const { data_folder, store } = parts;
  const held = new Set((await store.leases.held()).map(({ session_id }) => session_id));
  for (const id of readdirSync(join(data_folder, 'sessions')).toSorted()) {
    const folder = join(data_folder, 'sessions', id);
    const about = { what: 'session', name: `sessions/${id}`, bytes: bytesOf(folder) } as const;
    const remove = () => removeSessionFolder(folder);
    if (/\.removed-\d+$/.test(id)) {
      yield { ...about, why: 'an earlier collection did not come to its end', remove };
      continue;
    }
    const [record, row] = await Promise.all([store.records.session(id), store.projections.session(id)]);
    if (!record) yield { ...about, why: 'the store knows no such session', remove: null };
    else if (row?.status !== 'closed' || held.has(id)) continue; // it lives
    else {
      const reason = await reasonToStay(parts, { folder, record, row });
      yield reason === null
        ? {
            ...about,
            why: `ended; its work is ${row.branch ?? 'its base'} (${(row.work_commit ?? record.base_commit ?? '').slice(0, 12)})`,
            remove,
          }
        : { ...about, why: reason, remove: null };
    }
  }
}

interface Ended {
  readonly folder: string;
  readonly record: SessionRecord;
  readonly row: SessionRow;
}

/** Null: all of it is in the project. Whatever cannot be looked at stays. */
async function reasonToStay(parts: SessionParts, { folder, record, row }: Ended): Promise<string | null> {
  const { session_id, project_id, base_commit } = record;
  const files = (name: string): readonly string[] => entriesOf(join(folder, name));
  if (files('out').length > 0) return `out/ has ${some(files('out'))}, which are nowhere else`;
  if (project_id === null)
    return files('work').length === 0 ? null : `it belongs to no project: work/ has ${some(files('work'))}`;
  const commit = row.work_commit ?? base_commit;
  if (commit === null) return 'no commit of it is known';
  try {
    const found = await unsavedIn({
      session_id,
      sandbox: parts.sandbox(record.agent.sandbox),
      project_git_dir: join(parts.data_folder, 'projects', `${project_id}.git`),
      folders: { work: join(folder, 'work'), home: join(folder, 'home'), out: join(folder, 'out') },
      commit,
    });
    return words(found.filter((one) => !isElsewhere(one, folder, parts)));
  } catch (error) {
    return `it cannot be looked at: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** An included folder was copied from the person's checkout; of planted files the launcher leaves the empty places of its mounts. */
function isElsewhere({ kind, what }: Unsaved, folder: string, { ignored_may_go }: SessionParts): boolean {
  if (kind !== 'ignored') return false;
  if (ignored_may_go || includedIn(folder).some((path) => what === `${path}/` || what.startsWith(`${path}/`)))
    return true;
  const name = what.replace(/\/$/, '');
  return PLANTED.includes(name) && isEmpty(join(folder, 'work', name));
}

const PLANTED: readonly string[] = [...PLANTED_FILES, ...PLANTED_FOLDERS];

function isEmpty(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isDirectory() ? readdirSync(path).length === 0 : stat.isFile() && stat.size === 0;
}

function includedIn(folder: string): readonly string[] {
  const { included = [] } = JSON.parse(readFileSync(join(folder, 'worktree.json'), 'utf8')) as {
    readonly included?: readonly { readonly path: string }[];
  };
  return included.map(({ path }) => path);
}

const WORDS: Readonly<Record<Unsaved['kind'], (found: readonly string[]) => string>> = {
  changed: (found) => `changes since its last checkpoint: ${some(found)}`,
  commit: (found) => `commits that the project has not: ${some(found.map((id) => id.slice(0, 12)))}`,
  nested: (found) => `a repository of its own in ${some(found)}`,
  ignored: (found) => `files that git ignores: ${some(found)} (\`--ignored\` lets them go)`,
};

function words(found: readonly Unsaved[]): string | null {
  const kinds = (Object.keys(WORDS) as Unsaved['kind'][]).map((kind) => ({
    kind,
    found: found.filter((one) => one.kind === kind).map(({ what }) => what),
  }));
  const said = kinds.filter((one) => one.found.length > 0).map((one) => WORDS[one.kind](one.found));
  return said.length === 0 ? null : said.join('; ');
}

const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
