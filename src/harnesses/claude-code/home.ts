/** The private home as Claude Code finds it at each start. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the transcript of a session lies below its home. */
export function transcriptPath(cwd: string, native_session_id: string): string {
  return join('.claude', 'projects', cwd.replaceAll(/[^a-zA-Z0-9]/g, '-'), `${native_session_id}.jsonl`);
}

export interface HomeOptions {
  readonly path: string;
  readonly transcript: Uint8Array;
  readonly uid: number;
}

/** Nothing that a former turn left for Claude Code to believe, and the archived transcript. */
export function layHome(home: string, { path, transcript, uid }: HomeOptions): void {
  const own = (file: string) => void (process.getuid?.() === 0 && chownSync(file, uid, uid));
  chmodSync(home, 0o700); // an agent may have closed it to itself
  for (const name of BELIEVED) {
    openAll(join(home, name));
    rmSync(join(home, name), { recursive: true, force: true });
  }
  const folders = path
    .split('/')
    .slice(0, -1)
    .map((_, n, parts) => join(home, ...parts.slice(0, n + 1)));
  for (const folder of folders) {
    mkdirSync(folder, { mode: 0o700 });
    own(folder);
  }
  if (transcript.length === 0) return;
  writeFileSync(join(home, path), transcript, { mode: 0o600, flag: 'wx' });
  own(join(home, path));
}

/** A folder that is closed to everybody cannot be removed by its owner. Symlinks are not followed. */
function openAll(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openAll(join(path, entry.name));
}

/** What Claude Code reads below a home: settings, hooks, MCP servers, trust, memory, plugins, instructions. */
const BELIEVED = ['.claude', '.claude.json', '.claude.json.backup', '.mcp.json', 'CLAUDE.md', 'CLAUDE.local.md'];
