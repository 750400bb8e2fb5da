import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TackError } from '../../domain/errors.ts';
import { workRefOf } from '../../domain/git-names.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../domain/planted.ts';
import { INSIDE, type Sandbox, type SessionFolders } from '../contract.ts';
import { hostGit } from './host-git.ts';
import { startInside } from './inside.ts';

/** What a checkpoint is taken of. */
export interface CheckpointRequest {
  readonly session_id: string;
  readonly sandbox: Sandbox;
  readonly project_git_dir: string;
  readonly folders: SessionFolders;
  readonly base_commit: string;
  /** Names the ref in the project: `refs/tack/work/<slug>`. */
  readonly slug: string;
  readonly message: string;
}

export interface Checkpoint {
  readonly commit: string;
  readonly ref: string;
  /** Files that git could not take, a nested repository for example; and that the repository itself was ruined. */
  readonly warnings: readonly string[];
}

/**
 * Saves everything of a worktree that git does not ignore as one commit on top of what the agent committed, and brings it
 * into the project. The agent's branch, index and files stay as they are. The worktree is read inside a sandbox; the host
 * takes one pack, checked. An unchanged worktree gives the commit of before.
 */
export async function checkpoint(request: CheckpointRequest): Promise<Checkpoint> {
  try {
    return await take(request, 'own');
  } catch (error) {
    // whatever the agent did to its repository, the files are there
    const saved = await take(request, 'fresh');
    const why = error instanceof Error ? error.message : String(error);
    return { ...saved, warnings: [`The worktree's repository was not usable: ${why}`, ...saved.warnings] };
  }
}

async function take(request: CheckpointRequest, repository: 'own' | 'fresh'): Promise<Checkpoint> {
  const { sandbox, session_id, folders, project_git_dir, base_commit, slug, message } = request;
  const place = { folders, base_objects: join(project_git_dir, 'objects'), home: 'scratch' } as const;
  const bundle = join(project_git_dir, `incoming-${randomUUID()}.bundle`);
  const running = await startInside(sandbox, {
    session_id,
    folders,
    base_objects: place.base_objects,
    script: repository === 'own' ? OWN + SAVE : FRESH + SAVE,
    args: [INSIDE.work, base_commit, message, sandbox.paths(place).base, sandbox.kind === 'none' ? '' : PLANTED],
  });
  running.stdin.end();
  try {
    const [commit, said, { code }] = await Promise.all([
      receive(running.stdout, bundle),
      text(running.stderr),
      running.exited,
    ]);
    if (code !== 0 || commit === undefined) {
      throw new TackError('git_failed', `The checkpoint failed: ${said.trim().slice(-2_000) || `exit ${code}`}`);
    }
    const ref = workRefOf(slug);
    await bringIn(project_git_dir, { commit, ref, bundle });
    return { commit, ref, warnings: firstOf(said.split('\n').filter((line) => line.trim() !== '')) };
  } finally {
    await running.kill();
    await rm(bundle, { force: true });
  }
}

/** Each becomes an event of the log; an agent can make git say as many as it likes. */
const WARNINGS_MAX = 20;

const firstOf = (lines: readonly string[]): readonly string[] =>
  lines.length <= WARNINGS_MAX
    ? lines
    : [...lines.slice(0, WARNINGS_MAX), `… and ${lines.length - WARNINGS_MAX} more lines`];

/** The first line is the commit; what follows is the bundle, or nothing when the project has the commit already. */
async function receive(out: Readable, bundle: string): Promise<string | undefined> {
  let head = Buffer.alloc(0);
  let commit: string | undefined;
  await pipeline(
    out,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        if (commit !== undefined) {
          yield chunk;
          continue;
        }
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf(0x0a);
        if (end < 0) continue;
        commit = head.subarray(0, end).toString();
        yield head.subarray(end + 1);
      }
    },
    createWriteStream(bundle, { flags: 'wx', mode: 0o600 }),
  );
  return commit !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit) ? commit : undefined;
}

async function bringIn(
  git_dir: string,
  { commit, ref, bundle }: { commit: string; ref: string; bundle: string },
): Promise<void> {
  const known = await hostGit({ git_dir, args: ['cat-file', '-e', `${commit}^{commit}`] }).then(
    () => true,
    () => false,
  );
  if (!known) {
    const settings = { 'fetch.fsckObjects': 'true' };
    const refspec = `+refs/tack/checkpoint:${ref}`;
    const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', bundle, refspec];
    await hostGit({ git_dir, settings, args });
  }
  await hostGit({ git_dir, args: ['update-ref', ref, commit] });
}

/** Nobody can write them in a sandbox: what an index or a commit says otherwise was forged there. */
const PLANTED = [...PLANTED_FILES, ...PLANTED_FOLDERS].join(' ');

const OWN = `
set -eu
cd "$1"
base=$2
message=$3
head=$(git rev-parse --quiet --verify 'HEAD^{commit}') || head=$base
index=$PWD/.git/index
export GIT_INDEX_FILE=/tmp/tack-index-$$
trap 'rm -f "$GIT_INDEX_FILE"' EXIT
if [ -f "$index" ]; then cp "$index" "$GIT_INDEX_FILE"; else git read-tree "$head"; fi
if git ls-files -v | grep -q '^[a-zS] '; then rm "$GIT_INDEX_FILE"; git read-tree "$head"; fi
`;

const FRESH = `
set -eu
cd "$1"
base=$2
message=$3
head=$base
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GIT_DIR=$scratch/git GIT_WORK_TREE=$PWD
git init --quiet --template= >&2
mkdir -p "$GIT_DIR/info"
echo "$4" >"$GIT_DIR/objects/info/alternates"
if [ -f .git/info/exclude ]; then cp .git/info/exclude "$GIT_DIR/info/exclude"; fi
git read-tree "$head"
`;

const SAVE = `
git add --all --ignore-errors || echo "not every file could be saved" >&2
if [ -n "$5" ]; then
  git ls-files -z -- $5 | git update-index -z --force-remove --stdin
  git ls-tree -r -z "$base" -- $5 | git update-index -z --index-info
fi
tree=$(git write-tree)
last=$(git rev-parse --quiet --verify 'refs/tack/checkpoint^{commit}') || last=
if [ "$tree" = "$(git rev-parse "$head^{tree}")" ]; then commit=$head
elif [ -n "$last" ] && [ "$tree $head" = "$(git log -1 --format='%T %P' "$last")" ]; then commit=$last
else commit=$(git commit-tree "$tree" -p "$head" -m "$message"); fi
git update-ref refs/tack/checkpoint "$commit"
echo "$commit"
[ -z "$(git rev-list -n 1 "$commit" "^$base")" ] || git bundle create --quiet - refs/tack/checkpoint "^$base"
`;
