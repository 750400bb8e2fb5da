import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aPlace, aRequest, type Place, processesWith } from './place.ts';

const PROGRAM = fileURLToPath(new URL('./worker-program.ts', import.meta.url));
/** All rounds run in the long suite. */
const ROUNDS = Number(process.env['TACK_TEST_ROUNDS'] ?? 3);

describe('a worker that is killed', () => {
  let place: Place;
  beforeEach(() => {
    place = aPlace();
  });
  afterEach(() => {
    place.remove();
  });

  /** Starts a worker that launches a command, and kills it `after_ms` after it began to; the moment is what is tried. */
  async function killWorker(marker: string, after_ms: number | 'started'): Promise<void> {
    const script = `touch ran; setsid -f sleep ${marker}; sleep ${marker}`;
    const request = { ...aRequest(place.folders), argv: ['bash', '-c', script] };
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const worker = spawn(process.execPath, [PROGRAM, 'start', JSON.stringify(request)], { stdio: [...stdio] });
    for await (const line of createInterface(worker.stdout)) {
      if (line === (after_ms === 'started' ? 'started' : 'starting')) break;
    }
    if (after_ms !== 'started') await wait(after_ms);
    worker.kill('SIGKILL');
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  }

  /** How many are left in the end: none, ten looks in a row (a process that is just changing its program shows no words). */
  async function left(marker: string): Promise<number> {
    const deadline = Date.now() + 5_000;
    for (let calm = 0; calm < 10; await wait(5)) {
      const count = processesWith(marker).length;
      calm = count === 0 ? calm + 1 : 0;
      if (Date.now() > deadline) return count;
    }
    return 0;
  }

  it('leaves no process when its command was running', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const marker = `9${Date.now()}.${round}5`;
      await killWorker(marker, 'started');
      expect(await left(marker)).toBe(0);
    }
  });

  it.each([0, 2, 4, 6, 8, 10, 13, 16, 20, 25, 30])(
    'leaves no process when it had begun to launch %i ms ago',
    async (ms) => {
      for (let round = 0; round < ROUNDS; round++) {
        const marker = `6${Date.now()}.${round}5`;
        await killWorker(marker, ms);
        expect(await left(marker)).toBe(0);
      }
    },
  );

  it('never lets a command start that it did not live to release', async () => {
    await killWorker(`5${Date.now()}.5`, 0);
    expect(existsSync(join(place.folders.work, 'ran'))).toBe(false);
  });
});
