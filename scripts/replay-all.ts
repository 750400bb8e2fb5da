/**
 * Beside `./tack test`: replays what the tests have played, while they go on. A test hands an engine over before it stops it: a line
 * `{"address","namespace"}` on the socket, answered by a line once every history is here (`{"unread"}`: there is no way to it any more).
 * Ends when stdin does, and prints one line of JSON.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connectEngine, type EngineAddress } from '../src/api/engine/index.ts';
import { allHistories } from '../src/replay/fetch.ts';
import { replay, type RecordedHistory } from '../src/replay/index.ts';
import { workflowBundle } from '../src/worker/bundle.ts';
import type { Tally } from './replay-line.ts';

const DIVERGED = fileURLToPath(new URL('../.tack/diverged', import.meta.url));
/** What the rooms of the tests run: the launcher made it from these sources. */
const BUNDLE = fileURLToPath(new URL('../.tack/workflow-bundle.js', import.meta.url));
const [socket = ''] = process.argv.slice(2);

const fetched: RecordedHistory[] = [];
let [wake, is_over] = [Promise.withResolvers<void>(), false];
const sessions = new Set<string>();
const tally: Tally = { sessions: 0, histories: 0, diverged: [], unread: [] };

const server = createServer((line) => void serve(line)).listen(socket);
process.stdin
  .on('end', () => {
    server.close();
    is_over = true;
    wake.resolve();
  })
  .resume();
await replayEach();
process.stdout.write(`${JSON.stringify({ ...tally, sessions: sessions.size })}\n`);

async function serve(line: Socket): Promise<void> {
  line.on('error', () => undefined); // the test is gone: nobody waits for the answer
  for await (const said of createInterface({ input: line })) {
    const engine = JSON.parse(said) as EngineAddress | { readonly unread: string };
    try {
      if ('unread' in engine) tally.unread.push(engine.unread);
      else await take(engine);
    } catch (error) {
      tally.unread.push(`${said}: ${error instanceof Error ? error.message : String(error)}`);
    }
    line.write('taken\n');
  }
}

async function take(engine: EngineAddress): Promise<void> {
  const { client, close } = connectEngine(engine);
  try {
    for await (const history of allHistories(client, null)) fetched.push(history);
    wake.resolve();
  } finally {
    await close();
  }
}

async function* queue(): AsyncGenerator<RecordedHistory> {
  for (;;) {
    const next = fetched.shift();
    if (next) yield next;
    else if (is_over) return;
    else {
      await wake.promise;
      wake = Promise.withResolvers();
    }
  }
}

async function replayEach(): Promise<void> {
  const bundle = await workflowBundle(existsSync(BUNDLE) ? BUNDLE : null);
  if (!bundle) throw new TypeError('There is no workflow code.');
  for await (const { history, divergence } of replay(bundle, queue())) {
    tally.histories++;
    sessions.add(history.workflow_id);
    if (!divergence) continue;
    mkdirSync(DIVERGED, { recursive: true });
    const file = join(DIVERGED, `${history.workflow_id.replace('/', '-')}-${history.run_id}.json`);
    writeFileSync(file, JSON.stringify({ events: history.events }));
    const { event_id, expected, got } = divergence;
    tally.diverged.push(`event ${event_id}: recorded ${expected}, now ${got} (tack replay --history ${file})`);
  }
}
