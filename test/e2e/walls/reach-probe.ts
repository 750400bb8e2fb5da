/** Runs in a session: tries every way out that it is given, and prints what it reached. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';

interface Place {
  readonly host: string;
  readonly port: number;
}
export type Target =
  | { readonly tcp: Place }
  | { readonly udp: Place }
  /** A path, or an abstract name when it begins with a zero byte. */
  | { readonly unix: string }
  | { readonly lookup: string }
  /** A file to read, or a folder to list. */
  | { readonly file: string }
  /** Asks the API, with the token of this file or with none; reached is its status. */
  | { readonly http: string; readonly token_file?: string };
export type Targets = Readonly<Record<string, Target>>;
/** `reached`, a status, or why not. */
export type Reached = Readonly<Record<string, string>>;

const PATIENCE_MS = 5_000;
const targets = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Targets;
const signal = AbortSignal.timeout(PATIENCE_MS);
const tried = await Promise.all(
  Object.entries(targets).map(async ([name, target]) => [name, await reach(target)] as const),
);
console.log(`REACH ${JSON.stringify(Object.fromEntries(tried) satisfies Reached)}`);

async function reach(target: Target): Promise<string> {
  if ('tcp' in target) return connected(target.tcp);
  if ('unix' in target) return connected({ path: target.unix });
  if ('udp' in target) return answered(target.udp);
  if ('http' in target) return asked(target);
  if ('file' in target) return read(target.file);
  return new Promise((done) => lookup(target.lookup, (error) => done(error?.code ?? 'reached')));
}

function connected(where: NetConnectOpts): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ ...where, signal }, () => (socket.destroy(), done('reached')));
    socket.on('error', (error) => done(codeOf(error)));
  });
}

/** The question of a resolver: whoever hears it answers. */
function answered({ host, port }: Place): Promise<string> {
  return new Promise((done) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', signal });
    const end = (word: string) => (done(word), socket.close());
    socket.once('message', () => end('reached')).once('error', (error) => end(codeOf(error)));
    socket.once('close', () => done('no answer'));
    const question = Buffer.from('2a2a01000001000000000000047461636b047465737400000100010000', 'hex');
    socket.send(question, port, host, (error) => error && end(codeOf(error)));
  });
}

async function asked({ http, token_file }: { readonly http: string; readonly token_file?: string }): Promise<string> {
  try {
    const token = token_file === undefined ? undefined : readFileSync(token_file, 'utf8').trim();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return String((await fetch(http, { headers, signal })).status);
  } catch (error) {
    return codeOf(error);
  }
}

function read(path: string): string {
  try {
    if (statSync(path).isDirectory()) readdirSync(path);
    else readFileSync(path);
    return 'reached';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  const { code, cause } = error as NodeJS.ErrnoException;
  return code ?? (cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(error));
}
