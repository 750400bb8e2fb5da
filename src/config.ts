/** Configuration: one schema, read once, at the edge. Nothing else reads the environment. */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, hostname, uptime, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DatabaseUrl } from './domain/database-url.ts';
import { DEFAULTS } from './domain/defaults.ts';
import { TackError } from './domain/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const whole = z.coerce.number().int();

/** What the environment may say, by variable. */
export const Variables = z.object({
  TACK_HOME: z.string().min(1).optional().describe('Data folder.'),
  TACK_PORT: whole.min(0).max(65_535).default(DEFAULTS.port).describe('Port of the server; taken: a free one.'),
  TACK_SERVER: z.url().optional().describe('Address of a server elsewhere.'),
  TACK_TOKEN: z.string().min(1).optional().describe('Token for TACK_SERVER.'),
  TEMPORAL_ADDRESS: z.string().min(1).optional().describe('An engine of your own; none is started then.'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('tackroom').describe('Its namespace.'),
  DATABASE_URL: z
    .string()
    .refine((text) => DatabaseUrl.parse(text) !== null, 'must be postgres://user:password@host:port/database')
    .optional()
    .describe(
      'A Postgres that keeps the store, instead of a file of the data folder; `?schema=` names the schema of its tables (`tackroom`).',
    ),
  TACK_TEMPORAL_BIN: z.string().min(1).optional().describe('The Temporal CLI to start as engine.'),
  TACK_CLAUDE_BIN: z.string().min(1).optional().describe('The `claude` to drive.'),
  TACK_SLOTS: whole.min(1).max(1000).default(16).describe('Turns that run at once on this host.'),
  TACK_GRACE_S: z.coerce
    .number()
    .min(0)
    .default(DEFAULTS.grace_s)
    .describe('Seconds that a harness waits for an answer.'),
  TACK_STUCK_AFTER_S: z.coerce
    .number()
    .min(1)
    .default(DEFAULTS.stuck_after_s)
    .describe('Seconds without an event before a running turn is called stuck.'),
  TACK_MOVE_AFTER_S: z.coerce
    .number()
    .positive()
    .max(DEFAULTS.turn_move_after_s)
    .default(DEFAULTS.turn_move_after_s)
    .describe('Seconds after which a turn moves to its next activity, between two calls.'),
  TACK_LOG: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is logged.'),
  TACK_LIFELINE_FD: whole.optional().describe('Set by the supervisor: the role ends when this descriptor does.'),
  TACK_CREDENTIAL_FD: whole
    .optional()
    .describe('Set by whoever hands credentials over: the descriptor to read them on.'),
  TACK_RUN_FOLDER: z.string().min(1).optional().describe('Set by the supervisor: its folder of sockets.'),
});

export interface Config {
  readonly data_folder: string;
  /** Sockets; short, because a socket's path ends at 107 bytes. */
  readonly run_folder: string;
  readonly port: number;
  readonly server: { readonly url: string; readonly token: string } | null;
  readonly temporal: { readonly address: string | null; readonly namespace: string; readonly bin: string | null };
  /** Null: the store is a file of the data folder. */
  readonly database_url: DatabaseUrl | null;
  readonly claude_bin: string | null;
  readonly slots: number;
  readonly grace_s: number;
  readonly stuck_after_s: number;
  readonly move_after_s: number;
  readonly log_level: 'debug' | 'info' | 'warn' | 'error';
  readonly lifeline_fd: number | null;
  readonly credential_fd: number | null;
  readonly is_root: boolean;
  readonly login: string;
  /** PATH of the caller: the person's tools are found on it. */
  readonly path: string;
  /** The prebuilt workflow bundle; null: built at start. */
  readonly workflow_bundle: string | null;
  /** Folder of the package: shipped agents, entries of the roles. */
  readonly package_folder: string;
}

/** Reads the environment. `usage_invalid` names every variable that cannot be used; creates nothing but the data folder. */
export function loadConfig(env: Environment = process.env): Config {
  const given = Object.entries(env).filter(([, value]) => value !== ''); // `NAME= tack …` means without it
  const parsed = Variables.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new TackError('usage_invalid', `The environment has mistakes: ${lines.join('; ')}`);
  }
  const said = parsed.data;
  if (said.TACK_SERVER && !said.TACK_TOKEN) throw new TackError('usage_invalid', 'TACK_SERVER needs TACK_TOKEN.');
  const is_root = process.getuid?.() === 0;
  const data_folder = dataFolder(said.TACK_HOME, is_root);
  return {
    data_folder,
    run_folder: said.TACK_RUN_FOLDER ?? runFolder(data_folder, { is_root, runtime_dir: env['XDG_RUNTIME_DIR'] }),
    port: said.TACK_PORT,
    server: said.TACK_SERVER ? { url: said.TACK_SERVER, token: said.TACK_TOKEN ?? '' } : null,
    temporal: {
      address: said.TEMPORAL_ADDRESS ?? null,
      namespace: said.TEMPORAL_NAMESPACE,
      bin: said.TACK_TEMPORAL_BIN ?? null,
    },
    database_url: said.DATABASE_URL === undefined ? null : DatabaseUrl.parse(said.DATABASE_URL),
    claude_bin: said.TACK_CLAUDE_BIN ?? null,
    slots: said.TACK_SLOTS,
    grace_s: said.TACK_GRACE_S,
    stuck_after_s: said.TACK_STUCK_AFTER_S,
    move_after_s: said.TACK_MOVE_AFTER_S,
    log_level: said.TACK_LOG,
    lifeline_fd: said.TACK_LIFELINE_FD ?? null,
    credential_fd: said.TACK_CREDENTIAL_FD ?? null,
    is_root,
    login: login(),
    path: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    workflow_bundle: bundle(),
    package_folder: PACKAGE,
  };
}

/** What a process that we start gets from ours. */
export const ownEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env });

/** From src/config.ts and from dist/config.js alike. */
const PACKAGE = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Containers run as users that no list of users knows. */
function login(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 0}`;
  }
}

function dataFolder(said: string | undefined, is_root: boolean): string {
  const folder = said ?? (is_root ? '/var/lib/tackroom' : join(homedir(), '.tackroom'));
  try {
    mkdirSync(folder, { recursive: true, mode: is_root ? 0o711 : 0o700 });
    return realpathSync(isAbsolute(folder) ? folder : resolve(folder));
  } catch (cause) {
    throw new TackError('data_folder_invalid', `The data folder ${folder} cannot be made: ${String(cause)}`, { cause });
  }
}

/** A socket below ends with `/e/<short id>/e.sock`, at 107 bytes at the latest. */
const RUN_FOLDER_MAX = 70;

/**
 * Another terminal may have another XDG_RUNTIME_DIR, or none: where a supervisor's socket is, there it is;
 * else the first folder that is this user's own and short enough.
 */
function runFolder(
  data_folder: string,
  { is_root, runtime_dir }: { readonly is_root: boolean; readonly runtime_dir: string | undefined },
): string {
  const hash = createHash('sha256').update(data_folder).digest('hex').slice(0, 8);
  if (is_root) return `/run/tackroom-${hash}`;
  const uid = process.getuid?.() ?? 0;
  const candidates = [runtime_dir, `/run/user/${uid}`]
    .filter((folder) => folder !== undefined)
    .filter((folder) => isAbsolute(folder) && ownerOf(folder) === uid)
    .map((folder) => join(folder, `tackroom-${hash}`))
    .filter((folder) => folder.length <= RUN_FOLDER_MAX);
  const last = `/tmp/tackroom-${uid}-${hash}`;
  return (
    [...candidates, last].find((folder) => ownerOf(join(folder, 'supervisor.sock')) === uid) ?? candidates[0] ?? last
  );
}

const ownerOf = (path: string): number | null => lstatSync(path, { throwIfNoEntry: false })?.uid ?? null;

/** Made by the launcher in a checkout, by the build in a package; a `dist` that lies in a checkout speaks of other sources. */
function bundle(): string | null {
  const file = join(PACKAGE, import.meta.url.endsWith('.ts') ? '.tack' : 'dist', 'workflow-bundle.js');
  return existsSync(file) ? file : null;
}

/** Tells this machine from others that may reach the same server. */
export function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || hostname();
  } catch {
    return hostname(); // macOS, containers
  }
}

/** Changes with every boot of the machine: what ran before is gone. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  } catch {
    return String(Math.round(Date.now() / 1000 - uptime())); // macOS
  }
}

export interface ModelCredential {
  readonly kind: 'api_key' | 'bearer';
  readonly secret: string;
  readonly base_url: string | null;
  /** Where it came from, in words. */
  readonly source: string;
  /** The roots of NODE_EXTRA_CA_CERTS: its upstream may be known by them only. */
  readonly ca: string | null;
}

/** The model credential of an environment, or null. The API key comes first, as in Claude Code itself. */
export function credentialOf(whose: string, env: Environment = process.env): ModelCredential | null {
  const where = { base_url: env['ANTHROPIC_BASE_URL'] || null, ca: rootsOf(env['NODE_EXTRA_CA_CERTS']) };
  const key = env['ANTHROPIC_API_KEY'];
  const token = env['ANTHROPIC_AUTH_TOKEN'];
  if (key) return { kind: 'api_key', secret: key, source: `ANTHROPIC_API_KEY of ${whose}`, ...where };
  if (token) return { kind: 'bearer', secret: token, source: `ANTHROPIC_AUTH_TOKEN of ${whose}`, ...where };
  return null;
}

function rootsOf(file: string | undefined): string | null {
  try {
    return file ? readFileSync(file, 'utf8') : null;
  } catch {
    return null; // Node itself warns of it, and goes on without
  }
}
