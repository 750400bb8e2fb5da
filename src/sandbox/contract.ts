import type { Readable, Writable } from 'node:stream';

/** Where things are for every session, on every host. */
export const INSIDE = {
  home: '/home/agent',
  work: '/home/agent/work',
  out: '/home/agent/out',
  /** The folder of the session's endpoint; its socket is `e.sock` below it. */
  endpoint: '/run/tack',
  /** The objects of the project's bare repository. */
  base: '/run/tack-base',
  /** The Node that runs Tackroom, for programs of ours; the session's own `node` is found on its PATH. */
  node: '/opt/tackroom/bin/node',
} as const;

/** The paths of a session as its commands see them. */
export type SeenPaths = { readonly [K in keyof typeof INSIDE]: string };

/** The isolation around a harness, or around a command of ours that touches a worktree. */
export interface Sandbox {
  /** `none` is no isolation at all: what runs there is labelled by whoever shows it. */
  readonly kind: 'bubblewrap' | 'none';
  /** Who the session's folders must belong to. */
  readonly uid: number;
  /** Where a command finds the folders of its request: `INSIDE`, or with `none` the host's own paths. */
  paths(request: Placed): SeenPaths;
  /**
   * Starts a command. Throws `sandbox_unavailable` (this machine cannot) or `sandbox_failed` (this launch was refused, e.g. a
   * symlink where a mount belongs); then no process is left. A command that cannot be executed exits with 127.
   */
  launch(request: LaunchRequest): Promise<SandboxProcess>;
}

export interface LaunchRequest {
  readonly session_id: string;
  /**
   * As seen inside; the first word is found on the PATH inside. With `none` a word, a value of `env` and `cwd` that begin
   * with a path of `INSIDE` or of `read_only` are put right, so one request serves both kinds.
   */
  readonly argv: readonly string[];
  /** Added to a small fixed environment (PATH, HOME, USER, SHELL, LANG, TERM, TMPDIR); nothing of ours comes along. */
  readonly env: Readonly<Record<string, string>>;
  readonly folders: SessionFolders;
  /** Host folder of the session's endpoint, bound as a directory at `INSIDE.endpoint`. */
  readonly endpoint_dir?: string;
  /** Host path of the project's objects, read-only at `INSIDE.base`. */
  readonly base_objects?: string;
  /** Files and folders of the host that show up inside, read-only: the harness, for example. */
  readonly read_only: readonly ReadOnlyBind[];
  /** As seen inside; default `INSIDE.work`. */
  readonly cwd?: string;
  readonly limits?: Limits;
  /** Told when a limit was met and something was ended for it. */
  readonly onLimit?: (hit: LimitHit) => void;
  /**
   * `scratch`: home and out are empty and end with the process. For commands of ours in a worktree, which owe nothing to
   * what an agent left in its home.
   */
  readonly home?: 'bound' | 'scratch';
  /**
   * Files that editors and tools obey (`PLANTED_FILES`, `PLANTED_FOLDERS`): read-only unless this says `writable`, for a
   * check-out of ours and for a task that may edit them.
   */
  readonly planted?: 'protected' | 'writable';
}

/** What of a request decides where things are. */
export type Placed = Pick<LaunchRequest, 'folders' | 'endpoint_dir' | 'base_objects' | 'home'>;

export interface ReadOnlyBind {
  readonly host: string;
  readonly inside: string;
}

/** Host paths, real (no symlink in them), owned by the uid that the sandbox runs as. */
export interface SessionFolders {
  readonly work: string;
  readonly home: string;
  readonly out: string;
}

/** What a session may use up. What is left out has the default of `DEFAULT_LIMITS`. */
export interface Limits {
  /** Memory of the session as a whole, files in memory (/tmp) too; of one process it is held at once. */
  readonly memory_bytes?: number;
  /** Processes and threads of the session. */
  readonly processes?: number;
  /** New files of the session as a whole, and the largest single one. */
  readonly disk_bytes?: number;
  readonly open_files?: number;
  /** CPU seconds of one process; none by default. */
  readonly cpu_s?: number;
  /** Size of /tmp, in bytes. */
  readonly tmp_bytes?: number;
}

/** What was met, and what was done, as people read it. */
export interface LimitHit {
  readonly limit: 'memory' | 'disk';
  readonly text: string;
}

export interface SandboxProcess {
  /** Of the launched process on the host: bwrap, or the command itself with `none`. */
  readonly pid: number;
  /** The three streams are the ends of socket pairs, straight to the command. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command has ended and its streams are read to the end. Never rejects. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends everything that runs in it; resolves when no process of it is left. May be called at any time, more than once. */
  kill(): Promise<void>;
}
