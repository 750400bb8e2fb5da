/** `npm run chaos` as a stranger runs it: a few cells, what it keeps, and two guards that are taken out and found out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows } from '../chaos/rows.ts';

const RUN = fileURLToPath(new URL('../chaos/run.ts', import.meta.url));

/** Rooms are opened and closed in it: on a busy machine that takes a while. */
const WITHIN_MS = 600_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-chaos-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function chaos(...words: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> {
  const child = spawn(process.execPath, [RUN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [code] = (await once(child, 'close')) as [unknown];
  return { code, said: said.join('') };
}

describe('npm run chaos', () => {
  it(
    'kills at seeded times, keeps a row a round, and plays none of them twice',
    async () => {
      const results = join(folder, 'cells.json');
      const words = ['--harness', 'scripted', '--cells', 'worker/approval-held,harness/idle', '--results', results];
      const first = await chaos(...words, '--rounds', '1', '--seed', '7');
      expect(first.said).toContain('0 rounds with violations, 0 rounds not played.');
      expect(first.code).toBe(0);
      expect(readRows(results).cells).toMatchObject([
        { victim: 'harness', moment: 'idle', killed: 'nothing to kill', violations: [], round: 1, seed: 7 },
        { victim: 'worker', moment: 'approval held', killed: 'yes', violations: [], round: 1, seed: 7 },
      ]);

      const second = await chaos(...words, '--rounds', '1', '--seed', '7');
      expect(second.said).toContain('2 rounds, 0 to play.');
      expect(readRows(results).cells).toHaveLength(2);
    },
    WITHIN_MS,
  );

  it.each([
    ['fence', 'ps'],
    ['outbox', 'effects file'],
  ])(
    'finds out that %s is missing, and sees nothing while it is there',
    async (guard, oracle) => {
      const results = join(folder, `${guard}.json`);
      const { code, said } = await chaos('--break', guard, '--results', results);
      expect(said).toContain(`with ${guard}: no violation`);
      expect(readRows(results).guards).toMatchObject([{ guard, with_it: [] }]);
      expect(readRows(results).guards[0]?.without_it.map((violation) => violation.oracle)).toContain(oracle);
      expect(code).toBe(0);
    },
    WITHIN_MS,
  );
});
