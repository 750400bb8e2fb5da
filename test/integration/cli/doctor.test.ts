/** `tack doctor` on this machine, and with one thing at a time broken. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../../src/doctor/index.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';

let room: Room;
let place: string;
beforeAll(() => {
  room = openRoom({ ANTHROPIC_API_KEY: 'sk-canary-of-the-doctor' });
  place = mkdtempSync(join(tmpdir(), 'tack-doctor-'));
});
afterAll(async () => {
  await room?.close();
  rmSync(place, { recursive: true, force: true });
});

async function checks(env: NodeJS.ProcessEnv = {}, ...names: readonly string[]) {
  const { code, stdout, stderr } = await room.tack(['doctor', ...names, '--json'], { env });
  const seen = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Check);
  return { code, stderr, seen, of: (name: string) => seen.filter(({ check }) => check === name) };
}

describe('tack doctor', () => {
  it('finds a machine that runs these tests in order, check by check, and shows no key', async () => {
    const { code, seen, of } = await checks();
    expect({ code, failed: seen.filter(({ state }) => state === 'failed') }).toEqual({ code: 0, failed: [] });
    expect([...new Set(seen.map(({ check }) => check))]).toEqual([
      'node',
      'git',
      'sandbox',
      'engine',
      'harnesses',
      'credentials',
      'data_folder',
      'disk',
      'port',
      'roles',
    ]);
    expect(of('credentials')).toMatchObject([
      { state: 'ok', found: 'ANTHROPIC_API_KEY of this terminal, for Anthropic' },
    ]);
    expect(JSON.stringify(seen)).not.toContain('canary');
    const { stdout } = await room.tack(['doctor']);
    expect(stdout).toMatch(/^✓ sandbox +bubblewrap/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('This machine can run Tackroom.');
  });

  it('names the one command that mends what is missing', async () => {
    const broken = join(place, 'broken');
    writeFileSync(broken, '#!/bin/sh\necho temporal version 1.2.3\n');
    chmodSync(broken, 0o755);
    const open = mkdtempSync(join(place, 'open-'));
    chmodSync(open, 0o777);
    const { code, of } = await checks({
      TACK_TEMPORAL_BIN: broken,
      TACK_CLAUDE_BIN: join(place, 'no-claude'),
      ANTHROPIC_API_KEY: '',
      TACK_HOME: open,
    });
    expect(code).toBe(1);
    expect(of('engine')).toMatchObject([{ state: 'failed', fix: 'unset TACK_TEMPORAL_BIN' }]);
    expect(of('harnesses')[0]).toMatchObject({ state: 'warning', fix: 'npm install -g @anthropic-ai/claude-code' });
    expect(of('credentials')).toMatchObject([{ state: 'warning', fix: 'export ANTHROPIC_API_KEY=…' }]);
    expect(of('data_folder')).toMatchObject([{ state: 'failed', fix: `chmod go-rw ${open}` }]);
    chmodSync(open, 0o711);
    expect((await checks({ TACK_HOME: open }, 'data_folder')).of('data_folder')).toMatchObject([{ state: 'ok' }]);
  });

  it('says what an address that is none would do, and that a taken port stops nobody', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { of } = await checks({ ANTHROPIC_BASE_URL: 'nowhere', TACK_PORT: String(port) }, 'credentials', 'port');
    server.close();
    expect(of('credentials')).toMatchObject([{ state: 'failed', fix: 'unset ANTHROPIC_BASE_URL' }]);
    expect(of('port')).toMatchObject([{ state: 'ok', found: expect.stringContaining('is taken') as string }]);
  });

  it('runs the checks that are asked for, and knows which there are', async () => {
    expect((await checks({}, 'git')).seen.map(({ check }) => check)).toEqual(['git']);
    const { code, stderr } = await room.tack(['doctor', 'sandbos']);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean sandbox?') as string,
    });
  });
});
