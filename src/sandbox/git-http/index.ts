/** Serves the projects of a data folder to git clients: takes one new base a push, gives the work of the sessions. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { TackError } from '../../domain/errors.ts';
import { baseRefOf } from '../../domain/git-names.ts';
import type { GitHttp, GitRequest } from '../../domain/ports/git-http.ts';
import { hostGit } from '../worktree/host-git.ts';
import { ensureProject } from '../worktree/project.ts';
import { bounded, peek } from './body.ts';
import { FLUSH, pkt } from './pkt-line.ts';
import { readPush, refusalOf } from './push-request.ts';
import { refusedReport } from './report.ts';
import { runService } from './run-service.ts';

export interface GitHttpOptions {
  /** Folder of the bare repositories. */
  readonly projects: string;
  /** The largest push (bytes). */
  readonly push_max_bytes?: number;
}

const PUSH_MAX_BYTES = 8_000_000_000;
/** What a client asks for in a fetch: wants and haves. */
const FETCH_MAX_BYTES = 16_000_000;
/** A list of updates ends within this, or is refused: what was not read cannot be judged. */
const HEAD_MAX_BYTES = 65_536;
/** Of a refused push so much is read to the end, so that git reads our answer; a longer one is cut. */
const DRAIN_MAX_BYTES = 256_000_000;

export function createGitHttp({ projects, push_max_bytes = PUSH_MAX_BYTES }: GitHttpOptions): GitHttp {
  const git_dir = (project_id: string): string => join(projects, `${project_id}.git`);
  const existing = (project_id: string): string => {
    const folder = git_dir(project_id);
    if (!existsSync(join(folder, 'HEAD')))
      throw new TackError('project_not_found', `There is no project ${project_id}.`);
    return folder;
  };
  const run = (request: GitRequest, args: readonly string[], input: AsyncIterable<Buffer> | null) =>
    runService({
      git_dir: existing(request.project_id),
      service: request.service,
      args: ['--stateless-rpc', ...args],
      settings: request.service === 'git-receive-pack' ? { 'receive.maxInputSize': String(push_max_bytes) } : {},
      protocol: request.service === 'git-upload-pack' ? request.protocol : null,
      input,
      signal: request.signal,
    });

  return {
    async advertise(request) {
      if (request.service === 'git-receive-pack') await ensureProject(git_dir(request.project_id));
      const refs = await buffer(run(request, ['--advertise-refs'], null));
      return chunks([pkt(`# service=${request.service}\n`), FLUSH, refs]);
    },

    async serve(request, body, zipped) {
      existing(request.project_id);
      if (request.service === 'git-upload-pack') return run(request, [], bounded(body, zipped, FETCH_MAX_BYTES));
      const stream = bounded(body, zipped, push_max_bytes);
      const { head, rest } = await peek(stream, HEAD_MAX_BYTES, (bytes) => readPush(bytes).kind !== 'unfinished');
      const push = readPush(head);
      if (push.kind === 'probe') return drained(stream, chunks([]));
      if (push.kind !== 'updates')
        throw new TackError('request_invalid', push.kind === 'refused' ? push.reason : 'a push of too many refs');
      const reason = refusalOf(push.updates);
      if (reason === null) return run(request, [], rest());
      return drained(stream, chunks([refusedReport(push.updates, push.capabilities, reason)]));
    },

    async pinBase(project_id, session_id, commit) {
      const folder = existing(project_id);
      const ref = baseRefOf(session_id);
      const stands = async () =>
        (await hostGit({ git_dir: folder, args: ['for-each-ref', '--format=%(objectname)', ref] })).trim() || null;
      const pushed = await stands();
      if (pushed !== null || commit === null || !(await hasCommit(folder, commit))) return pushed;
      try {
        await hostGit({ git_dir: folder, args: ['update-ref', ref, commit, '0'.repeat(commit.length)] });
        return commit;
      } catch (error) {
        const won = await stands(); // another request was quicker
        if (won === null) throw error;
        return won;
      }
    },
  };
}

async function hasCommit(git_dir: string, commit: string): Promise<boolean> {
  const answer = await hostGit({ git_dir, args: ['cat-file', '--batch-check=%(objecttype)'], input: `${commit}\n` });
  return answer.trim() === 'commit';
}

async function* chunks(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

/** Answers after the client has said everything: one that still writes reads nothing. */
async function* drained(stream: AsyncGenerator<Buffer>, answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > DRAIN_MAX_BYTES) break;
  }
  yield* answer;
}
