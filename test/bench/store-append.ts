/** How long an append takes while three processes write: `./tack exec node test/bench/store-append.ts`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout } from 'node:timers/promises';
import type { NewEvent } from '../../src/domain/events/new-event.ts';
import { openStore } from '../../src/store/index.ts';

const [role, folder = '', writer = '', pause = '0'] = process.argv.slice(2);
const APPENDS = 2_000;

if (role === 'writer') await write();
else await measure();

/** Two events an append, as a tool call makes them, each with some hundred bytes of content. */
async function write(): Promise<void> {
  const store = await openStore({ data_folder: folder });
  const took: number[] = [];
  for (let n = 0; n < APPENDS; n++) {
    const from = performance.now();
    await store.log.append(`ses_${writer}`, null, `${n}`, [event(n, 'agent.tool_use'), event(n, 'agent.tool_result')]);
    took.push(performance.now() - from);
    if (Number(pause) > 0) await setTimeout(Number(pause));
  }
  await store.close();
  process.send!(took);
}

function event(n: number, type: NewEvent['type']): NewEvent {
  const data = { tool_use_id: `tool_${n}`, name: 'Bash', input: { command: `echo ${n}` }, output: `${n}`.repeat(100) };
  return { type, turn_id: 'trn_1', actor: { type: 'agent', id: 'claude-code' }, via: null, data };
}

async function measure(): Promise<void> {
  for (const [name, writers, pause_ms] of [
    ['alone', 1, 0],
    ['three, as fast as they can', 3, 0],
    ['three, one append every 5 ms each', 3, 5],
  ] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'tack-bench-'));
    const from = performance.now();
    const all = await Promise.all(
      Array.from({ length: writers }, async (_, n) => {
        const child = fork(fileURLToPath(import.meta.url), ['writer', folder, `${n}`, `${pause_ms}`]);
        const [took] = (await once(child, 'message')) as [number[]];
        return took;
      }),
    );
    const seconds = (performance.now() - from) / 1_000;
    const took = all.flat().toSorted((a, b) => a - b);
    const at = (share: number): string => took[Math.floor(took.length * share)]!.toFixed(2);
    console.log(
      JSON.stringify({
        name,
        appends: took.length,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        max_ms: at(0.9999),
        per_s: Math.round(took.length / seconds),
      }),
    );
    rmSync(folder, { recursive: true });
  }
}
