/** How long an append takes while three processes write, on SQLite and on Postgres: both sync the disk before they answer. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POSTGRES_BIN, startPostgres } from '../support/postgres.ts';
import { at, round, sized, type Measured } from './figures.ts';

const WRITER = fileURLToPath(new URL('append-writer.ts', import.meta.url));
const APPENDS = sized(1_000);

/** `log`: whose log each writes. */
const CASES = [
  {
    what: 'three writers, a log each, one append every 5 ms each',
    writers: 3,
    pause_ms: 5,
    log: (n: number) => `ses_${n}`,
  },
  { what: 'three writers, a log each, as fast as they can', writers: 3, pause_ms: 0, log: (n: number) => `ses_${n}` },
  { what: 'three writers of one log, as fast as they can', writers: 3, pause_ms: 0, log: () => 'ses_same' },
] as const;

export async function measureAppend(): Promise<Measured> {
  const server = POSTGRES_BIN ? await startPostgres({ is_durable: true }) : null;
  try {
    const rows = [];
    for (const [n, one] of CASES.entries()) {
      rows.push(await played('SQLite', one, ''));
      if (server) rows.push(await played('Postgres', one, `${server.url}?schema=bench_${n}`));
    }
    return {
      name: 'append',
      rows,
      figures: rows.map(({ what, store, p50_ms, p99_ms, per_s }) => ({
        what: `Append on ${store}, ${what}: p50 / p99`,
        result: `${p50_ms} / ${p99_ms} ms, ${per_s} a second`,
        goal: 'reported',
      })),
    };
  } finally {
    await server?.close();
  }
}

async function played(store: string, { what, writers, pause_ms, log }: (typeof CASES)[number], url: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tack-bench-'));
  try {
    const from = performance.now();
    const all = await Promise.all(
      Array.from({ length: writers }, async (_, n) => {
        const child = fork(WRITER, [folder, log(n), `${APPENDS}`, `${pause_ms}`, url]);
        const [took] = (await once(child, 'message')) as [number[]];
        return took;
      }),
    );
    const took = all.flat();
    return {
      store,
      what,
      appends: took.length,
      p50_ms: round(at(took, 0.5)),
      p99_ms: round(at(took, 0.99)),
      max_ms: round(at(took, 1)),
      per_s: Math.round((took.length * 1_000) / (performance.now() - from)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
