/** The stage of a root launcher, filled by the real mount. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { STAGE, stageWords } from '../../../src/sandbox/isolation/stage.ts';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';

describe.runIf(IS_ROOT)(`the stage${ONLY_ROOT}`, () => {
  const folder = IS_ROOT ? mkdtempSync(join(tmpdir(), 'tack-stage-')) : '';
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds sources of any name, and nothing of it is seen outside', () => {
    const names = ['plain', 'with space', 'back\\slash', '#hash', 'tab\there', 'line\nbreak', 'é\u00a0ö', '\\040'];
    const staged = names.map((name, n) => {
      const host = join(folder, name);
      const isFile = n % 2 === 1;
      if (!isFile) mkdirSync(host);
      writeFileSync(isFile ? host : join(host, 'file'), name);
      return { type: isFile ? ('file' as const) : ('folder' as const), host, staged: `${STAGE}/${n}` };
    });
    mkdirSync(STAGE, { recursive: true });
    const [command = '', ...words] = stageWords(staged);
    const seen = staged.map(({ type, staged: place }) => (type === 'file' ? place : `${place}/file`));
    const print = ['/bin/sh', '-c', 'for file do cat "$file"; printf "\\0"; done', 'print', ...seen];
    const said = execFileSync(command, [...words, ...print], { encoding: 'utf8' });
    expect(said.split('\0').slice(0, -1)).toEqual(names);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(STAGE);
  });
});
