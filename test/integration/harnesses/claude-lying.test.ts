/** A program in the place of Claude Code that breaks its protocol on purpose: it ends, and the worker that heard it goes on. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClaudeCode, MANIFEST } from '../../../src/harnesses/claude-code/index.ts';
import { openRig, type Rig } from './rig.ts';

let folder: string;
let rig: Rig;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-lying-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  await rig.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `script` is what it does instead of working. */
function lying(script: string): Rig {
  const binary = join(folder, 'claude');
  const version = `[ "$1" = --version ] && { echo "${MANIFEST.proven_version} (Claude Code)"; exit; }`;
  writeFileSync(binary, `#!/bin/bash\n${version}\n${script}\n`, { mode: 0o755 });
  return (rig = openRig(createClaudeCode({ binary, path: '' }), async () => null));
}

it('a line without an end is not waited for until the memory is full', async () => {
  const before = process.memoryUsage.rss();
  await expect(lying('yes | tr -d "\\n"').play({ words: 'Hello.' })).rejects.toMatchObject({
    code: 'harness_crashed',
    message: expect.stringContaining('a line without an end') as string,
  });
  expect(process.memoryUsage.rss() - before).toBeLessThan(1_000_000_000);
  expect(rig.processes()).toEqual([]);
});

it('names of any length are no calls', async () => {
  const request = (id: string) =>
    JSON.stringify({
      type: 'control_request',
      request_id: id,
      request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'true' }, tool_use_id: 'x'.repeat(600) },
    });
  const { session, calls, ended } = await lying(`read -r hello
    id=$(printf %s "$hello" | sed 's/.*"request_id":"\\([^"]*\\)".*/\\1/')
    echo '{"type":"control_response","response":{"subtype":"success","request_id":"'$id'"}}'
    read -r said
    echo '${request('r1')}'
    read -r answer
    printf '%s\\n' "$answer" >answer.json`).play({ words: 'Hello.' });
  expect(await ended).toMatchObject({ end: 'failed' });
  await session.close();
  expect(calls).toEqual([]);
  expect(JSON.parse(rig.read('answer.json'))).toMatchObject({ response: { subtype: 'error', request_id: 'r1' } });
});
