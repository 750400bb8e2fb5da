/** How much later the first model request leaves when Claude Code runs in the sandbox behind the broker: interleaved pairs, a fresh home each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelServer } from '../../src/demo/model-server/server.ts';
import { createClaudeCode } from '../../src/harnesses/claude-code/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { openRig as openBroker } from '../integration/broker/rig.ts';
import { allow, openRig } from '../integration/harnesses/rig.ts';
import { aPlace, aSandbox } from '../integration/sandbox/place.ts';
import { until } from '../support/until.ts';
import { at, round, type Measured } from './figures.ts';

const MODEL = 'claude-sonnet-4-5';
const GOAL = 1.1;

export async function measureLaunch(binary: string, pairs: number): Promise<Measured> {
  const broker = await openBroker();
  const harness = createClaudeCode({ binary, path: '' });
  const dir = await broker.open();
  const below = realpathSync(mkdtempSync(join(tmpdir(), 'tack-bench-')));
  chmodSync(below, 0o711); // as the data folder of root
  const shared = { below, sandbox: aSandbox('bubblewrap', below) };
  try {
    await harness.probe(); // once for the life of a worker
    const rows: { pair: number; bare_ms: number; governed_ms: number; ratio: number }[] = [];
    for (let pair = -1; pair < pairs; pair++) {
      const bare = () => bareOnce(broker.model, { binary, words: wordsOf('bare', pair) });
      const governed = () => governedOnce(broker.model, { harness, dir, shared, words: wordsOf('governed', pair) });
      const first = pair % 2 === 0 ? await bare() : await governed();
      const second = pair % 2 === 0 ? await governed() : await bare();
      const [bare_ms, governed_ms] = pair % 2 === 0 ? [first, second] : [second, first];
      if (pair >= 0) rows.push({ pair, bare_ms, governed_ms, ratio: round(governed_ms / bare_ms, 3) }); // the first pair warms the page cache
    }
    const of = (key: 'bare_ms' | 'governed_ms' | 'ratio', share: number) =>
      at(
        rows.map((row) => row[key]),
        share,
      );
    const line = (share: number) =>
      `${round(of('governed_ms', share) / of('bare_ms', share))} (${of('governed_ms', share)} ÷ ${of('bare_ms', share)} ms)`;
    return {
      name: 'launch',
      rows,
      figures: [
        {
          what: `Launch → first model request, governed ÷ bare, median of ${pairs} pairs`,
          result: line(0.5),
          goal: `≤ ${GOAL}`,
        },
        { what: 'the same, p95', result: line(0.95), goal: `≤ ${GOAL}` },
        {
          what: 'the same, median of the ratios of each pair',
          result: `${round(of('ratio', 0.5))}`,
          goal: `≤ ${GOAL}`,
        },
      ],
    };
  } finally {
    await broker.close();
    rmSync(below, { recursive: true, force: true });
  }
}

const wordsOf = (kind: string, pair: number): string => `Say it. [[text {"text":"${kind} ${pair}"}]]`;

/** When the request of these words came, in ms after `from`. */
async function arrived(model: ModelServer, words: string, from: number): Promise<number> {
  const tag = words.slice(words.indexOf('[['));
  const request = await until(`a request for ${tag}`, () => model.requests().find((one) => one.tag === tag));
  return Date.parse(request.at) - from;
}

async function bareOnce(
  model: ModelServer,
  { binary, words }: { readonly binary: string; readonly words: string },
): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'tack-bench-'));
  const from = Date.now();
  const child = spawn(binary, ['-p', words, '--model', MODEL], {
    cwd: home,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'placeholder',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  const took = await arrived(model, words, from);
  await ended;
  rmSync(home, { recursive: true, force: true });
  return took;
}

interface Governed {
  readonly harness: ReturnType<typeof createClaudeCode>;
  readonly dir: string;
  readonly shared: { readonly below: string; readonly sandbox: Sandbox };
  readonly words: string;
}

async function governedOnce(model: ModelServer, { harness, dir, shared, words }: Governed): Promise<number> {
  const rig = openRig(harness, async () => dir, aPlace('bubblewrap', shared));
  try {
    const from = Date.now();
    const playing = await rig.play({ words, gate: allow });
    const took = await arrived(model, words, from);
    await playing.ended;
    return took;
  } finally {
    await rig.close();
  }
}
