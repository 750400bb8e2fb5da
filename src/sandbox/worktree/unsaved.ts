import { INSIDE, type Sandbox, type SessionFolders } from '../contract.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../domain/planted.ts';
import { join } from 'node:path';
import { runInside } from './inside.ts';

export interface UnsavedRequest {
  readonly session_id: string;
  readonly sandbox: Sandbox;
  readonly project_git_dir: string;
  readonly folders: SessionFolders;
  /** In the project: the last checkpoint of the session, or its base when there is none. */
  readonly commit: string;
}

export interface Unsaved {
  readonly kind: 'changed' | 'commit' | 'nested' | 'ignored';
  /** A path below the worktree, or an object id. */
  readonly what: string;
}

/** What a worktree has and the project has not. It is read inside a sandbox, and nothing of it is changed. Throws `git_failed`. */
export async function unsavedIn(request: UnsavedRequest): Promise<readonly Unsaved[]> {
  const { sandbox, session_id, folders, project_git_dir, commit } = request;
  const base_objects = join(project_git_dir, 'objects');
  const { base } = sandbox.paths({ folders, base_objects, home: 'scratch' });
  const planted = sandbox.kind === 'none' ? '' : [...PLANTED_FILES, ...PLANTED_FOLDERS].join(' ');
  const { out } = await runInside(sandbox, {
    session_id,
    folders,
    base_objects,
    script: LOOK,
    args: [INSIDE.work, commit, base, planted],
  });
  return out.split('\0').flatMap((line): readonly Unsaved[] => {
    const [, kind, what] = /^(changed|commit|nested|ignored) (.*)$/s.exec(line) ?? [];
    return kind === undefined || what === undefined ? [] : [{ kind: kind as Unsaved['kind'], what }];
  });
}

/** Its own repository is asked for commits; files are compared in a fresh one, whatever the agent did to its index. What fails, fails all. */
const LOOK = `
set -eu
cd "$1"
commit=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tell() { head -z -n 50 "$scratch/found" | sed -z "s|^|$1 |"; }
stashed=
if git rev-parse --quiet --verify refs/stash >/dev/null; then stashed=$(git log -g --format=%H refs/stash); fi
git rev-list --max-count=5 --all $stashed --not "$commit" >"$scratch/commits"
tr '\\n' '\\0' <"$scratch/commits" >"$scratch/found"
tell commit
exclude=$PWD/.git/info/exclude
export GIT_DIR=$scratch/git GIT_WORK_TREE=$PWD
git init --quiet --template= >&2
mkdir -p "$GIT_DIR/info"
echo "$3" >"$GIT_DIR/objects/info/alternates"
if [ -f "$exclude" ]; then cp "$exclude" "$GIT_DIR/info/exclude"; fi
git read-tree "$commit"
git add --all
if [ -n "$4" ]; then
  git ls-files -z -- $4 >"$scratch/planted"
  git update-index -z --force-remove --stdin <"$scratch/planted"
  git ls-tree -r -z "$commit" -- $4 >"$scratch/planted"
  git update-index -z --index-info <"$scratch/planted"
fi
git diff-index --cached --name-only -z "$commit" >"$scratch/found"
tell changed
git ls-files --stage -z >"$scratch/staged"
sed -zn 's/^160000 [^\\t]*\\t//p' "$scratch/staged" >"$scratch/links"
xargs -0r sh -c 'for at; do if [ -n "$(ls -A "$at" 2>/dev/null)" ]; then printf "%s\\0" "$at"; fi; done' _ <"$scratch/links" >"$scratch/found"
tell nested
git ls-files --others --ignored --exclude-standard --directory -z >"$scratch/found"
tell ignored
`;
