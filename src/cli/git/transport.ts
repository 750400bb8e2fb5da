/** The person's repository and the server: one push in, fetches out, over git's own protocol. */
import { TackError } from '../../domain/errors.ts';
import { baseRefOf, branchOf, workRefOf } from '../../domain/git-names.ts';
import { commitOf, type Repository } from './repository.ts';
import { gitFailed, runGit, tryGit, type GitCall } from './run.ts';
import type { Snapshot } from './snapshot.ts';

export interface Remote {
  /** Such as http://127.0.0.1:7717 */
  readonly base_url: string;
  readonly token: string;
}

/** Pushes a snapshot as `refs/tack/base/<session_id>`: a session's starting point. */
export async function pushBase(
  repository: Repository,
  remote: Remote,
  snapshot: Snapshot,
  session_id: string,
): Promise<void> {
  const url = urlOf(repository, remote);
  const call = {
    cwd: repository.top,
    env: snapshot.env,
    config: {
      ...settingsOf(url, remote),
      'push.followTags': 'false',
      'push.recurseSubmodules': 'no',
      'core.compression': '0',
    },
    args: ['push', '--quiet', '--no-verify', '--no-signed', url, `${snapshot.commit}:${baseRefOf(session_id)}`],
  };
  const answer = await tryGit(call);
  if (answer.code !== 0) throw gitFailed(call, answer);
}

/**
 * Brings `refs/tack/work/<slug>` of the project as branch `tack/<slug>`. Answers its commit, null when there is none yet.
 * A branch of that name with commits of the person's own is left alone: `workspace_dirty`.
 */
export async function fetchWork(repository: Repository, remote: Remote, slug: string): Promise<string | null> {
  const mark = fetchedRef(slug);
  const branch = `refs/heads/${branchOf(slug)}`;
  const call = fetching(repository, remote, `+${workRefOf(slug)}:${mark}`);
  const before = { mark: await commitOf(repository, mark), branch: await commitOf(repository, branch) };
  const answer = await tryGit(call);
  if (/couldn't find remote ref/.test(answer.stderr)) return null;
  if (answer.code !== 0) throw gitFailed(call, answer);
  const fetched = await runGit({ cwd: repository.top, args: ['rev-parse', mark] });
  if (before.branch === fetched) return fetched;
  if (before.branch !== null && before.branch !== before.mark) throw ownCommits(slug);
  const current = await tryGit({ cwd: repository.top, args: ['symbolic-ref', '--quiet', 'HEAD'] });
  if (current.stdout.trim() === branch)
    throw new TackError(
      'workspace_dirty',
      `You are on branch ${branchOf(slug)}. Switch to another one; \`tack apply\` brings the work.`,
    );
  await runGit({ cwd: repository.top, args: ['update-ref', branch, fetched, before.branch ?? ''] });
  return fetched;
}

/** Brings the commit that a session started from: the snapshot of a changed tree is nowhere else. */
export async function fetchBase(repository: Repository, remote: Remote, session_id: string): Promise<void> {
  const ref = baseRefOf(session_id);
  await runGit(fetching(repository, remote, `+${ref}:${ref}`));
}

function fetching(repository: Repository, remote: Remote, refspec: string): GitCall {
  const url = urlOf(repository, remote);
  const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];
  return {
    cwd: repository.top,
    config: { ...settingsOf(url, remote), 'fetch.fsckObjects': 'true', 'fetch.recurseSubmodules': 'no' },
    args: ['fetch', ...quiet, url, refspec],
  };
}

/** Where the fetched state of a branch is remembered: what stands there came from us. */
export const fetchedRef = (slug: string): string => `refs/tack/fetched/${slug}`;

/** For this URL only: the token, and nothing of the repository's own that would send it elsewhere: no proxy, no other address, no rewrite. */
function settingsOf(url: string, { token }: Remote): Record<string, string> {
  return {
    [`http.${url}.extraHeader`]: `Authorization: Bearer ${token}`,
    [`http.${url}.proxy`]: '',
    [`http.${url}.curloptResolve`]: '',
    [`http.${url}.followRedirects`]: 'false',
    [`http.${url}.saveCookies`]: 'false',
    [`url.${url}.insteadOf`]: url,
    [`url.${url}.pushInsteadOf`]: url,
  };
}

const urlOf = (repository: Repository, { base_url }: Remote): string => `${base_url}/git/${repository.project_id}`;

function ownCommits(slug: string): TackError {
  return new TackError(
    'workspace_dirty',
    `Branch ${branchOf(slug)} has commits of your own. Rename it (\`git branch -m ${branchOf(slug)} mine\`), then try again.`,
  );
}
