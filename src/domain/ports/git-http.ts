/** git's smart HTTP as the API sees it: it carries bytes, the implementation (src/sandbox/git-http) runs git. Types only. */
export type GitService = 'git-receive-pack' | 'git-upload-pack';

/** One request of a git client; `protocol` is its `Git-Protocol` header. */
export interface GitRequest {
  readonly project_id: string;
  readonly service: GitService;
  readonly protocol: string | null;
  /** Aborted when the client has gone: the process ends. */
  readonly signal: AbortSignal;
}

export interface GitHttp {
  /** The answer to `info/refs`. A push to a project that does not exist makes it; a fetch from one is `project_not_found`. */
  advertise(request: GitRequest): Promise<AsyncIterable<Uint8Array>>;
  /**
   * The answer to one RPC. `body` is what the client sent, bounded here; `zipped` when it came with gzip.
   * A push that is anything but one new refs/tack/base/<session_id> is answered `ng` in git's words, and nothing is written.
   */
  serve(request: GitRequest, body: AsyncIterable<Uint8Array>, zipped: boolean): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Makes sure that refs/tack/base/<session_id> stands in the project, and says where: at the pushed commit, else at `commit`, when the project has it.
   * `project_not_found` when there is no project; null when there is neither.
   */
  pinBase(project_id: string, session_id: string, commit: string | null): Promise<string | null>;
}
