/** What a shell completes: real shells read the script that `tack completion` prints, and ask a real `tack` at each TAB. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { startRig, type Rig } from '../api/rig.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
let rig: Rig;
let place: string;
let session_id: string;

beforeAll(async () => {
  rig = await startRig();
  session_id = (await rig.client.sessions.create({ body: { agent: 'scripted' } })).id;
  place = mkdtempSync(join(tmpdir(), 'tack-complete-'));
  mkdirSync(join(place, 'bin'));
  writeFileSync(join(place, 'bin', 'tack'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  chmodSync(join(place, 'bin', 'tack'), 0o755);
  const completion = spawnSync(process.execPath, [MAIN, 'completion', 'bash'], { encoding: 'utf8', env: env() });
  if (completion.status !== 0) throw new Error(completion.stderr);
  writeFileSync(join(place, 'tack.bash'), completion.stdout);
});
afterAll(async () => {
  await rig.close();
  rmSync(place, { recursive: true, force: true });
});

const env = (server = true): NodeJS.ProcessEnv => ({
  PATH: `${join(place, 'bin')}:${process.env['PATH']}`,
  TACK_HOME: join(place, 'home'),
  ...(server && { TACK_SERVER: rig.url, TACK_TOKEN: rig.token }),
});

/** What bash would offer behind this line: its own machinery for programs, driven as at a TAB. */
function offered(line: string, server = true): readonly string[] {
  const words = line.split(' ');
  const script = `
    source ${join(place, 'tack.bash')}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}
    handler=$(complete -p tack | sed 's/.* -F \\([^ ]*\\).*/\\1/')
    "$handler" tack "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: env(server) });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .map((reply) => reply.trim())
    .filter(Boolean);
}

describe('bash completes', () => {
  it('every command of the table', () => {
    expect(offered('tack ').toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
    expect(offered('tack app').toSorted()).toEqual(['apply', 'approvals', 'approve']);
  });

  it('the options of the command that is typed', () => {
    expect(offered('tack run --det')).toEqual(['--detach']);
    expect(offered('tack ls --')).toEqual(expect.arrayContaining(['--status', '--limit', '--quiet', '--json']));
  });

  it('ids and names that the server knows', async () => {
    rig.store.rows.sessions.set(session_id, { session_id, status: 'idle', title: 'Fix it' } as never);
    const asked = await spawnAsync(['complete', '--', 'attach', 'ses_']);
    expect(asked).toContain(`${session_id}\tFix it`);
    expect(await spawnAsync(['complete', '--', 'run', '--agent', ''])).toContain('scripted\tscripted');
  });

  it('nothing, and says nothing, where no server runs', () => {
    expect(offered('tack attach ses_', false)).toEqual([]);
    expect(offered('tack nothing ', false)).toEqual([]);
  });
});

/** The server of the test lives in this process: it must go on while the command asks it. */
async function spawnAsync(args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  return (await promisify(execFile)(process.execPath, [MAIN, ...args], { env: env() })).stdout;
}
