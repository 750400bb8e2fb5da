import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHarnesses } from '../../../src/harnesses/index.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import type { StartRequest } from '../../../src/harnesses/contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-find-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string, mode = 0o755): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, mode);
  return file;
}
const WAY_OUT = /set TACK_CLAUDE_BIN/i;

describe('the probe of claude-code', () => {
  it('finds the first one on the PATH that can be executed', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    symlinkSync(program('real', 'echo "2.1.330 (Claude Code)"'), join(other, 'claude'));
    const { probe } = createClaudeCode({ binary: null, path: `/nonexistent::${other}` });
    expect(await probe()).toEqual({ found: true, version: '2.1.330', path: join(other, 'claude') });
  });

  const broken: readonly (readonly [string, () => string | null, RegExp])[] = [
    ['nothing is on the PATH', () => null, /not on the PATH/],
    ['the variable names nothing', () => join(folder, 'missing'), /cannot be executed/],
    ['the variable names a folder', () => folder, /cannot be executed/],
    ['it may not be executed', () => program('claude', 'true', 0o644), /cannot be executed/],
    [
      'it is another program',
      () => program('claude', 'echo something else 1.2'),
      /says "something else 1.2" as its version/,
    ],
    ['it fails', () => program('claude', 'echo >&2 no such library; exit 127'), /no such library/],
    ['it is empty', () => (program('claude', ''), join(folder, 'claude')), /says "" as its version/],
  ];
  it.each(broken)('says what is wrong and the way out when %s', async (_, binary, problem) => {
    const harness = createClaudeCode({ binary: binary(), path: folder === '' ? '' : '/nonexistent' });
    const answer = await harness.probe();
    expect(answer).toEqual({ found: false, problem: expect.stringMatching(problem) as unknown });
    expect(answer).toEqual({ found: false, problem: expect.stringMatching(WAY_OUT) as unknown });
    await expect(harness.start({} as StartRequest)).rejects.toMatchObject({ code: 'harness_unavailable' });
  });
});

describe('a harness by its name', () => {
  it('is one of the known ones', () => {
    const { find, all } = createHarnesses({ binary: null, path: '' });
    expect(all.map(({ manifest }) => manifest.id)).toEqual(['claude-code', 'scripted']);
    expect(find('scripted').manifest.title).toBe('Scripted');
    expect(() => find('codex')).toThrow(expect.objectContaining({ code: 'harness_unknown' }) as Error);
  });
});
