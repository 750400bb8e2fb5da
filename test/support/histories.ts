/** What was played in this engine is replayed beside the tests (scripts/replay-all.ts), where `./tack test` runs them. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

const COLLECTOR = process.env['TACK_HISTORIES'];

/** Resolves when every history is fetched, so that the engine may end. */
export async function handOver(engine: { readonly address: string; readonly namespace: string }): Promise<void> {
  await say({ address: engine.address, namespace: engine.namespace });
}

async function say(said: Readonly<Record<string, string>>): Promise<void> {
  if (COLLECTOR === undefined) return;
  await until('the process that replays', () => existsSync(COLLECTOR), 60_000);
  const line = connect(COLLECTOR);
  line.write(`${JSON.stringify(said)}\n`);
  await Promise.race([once(line, 'data'), once(line, 'close')]).catch(() => undefined); // has it died, the run is red for that
  line.destroy();
}

/** Of a room: the engine is named in the environment of its roles. Where none runs any more, one is started on its file by `revive`. */
export async function handOverRoom(
  home: string,
  revive: (file: string) => Promise<{ stop(): Promise<void> }>,
): Promise<void> {
  if (COLLECTOR === undefined) return;
  const running = addressIn(home);
  if (running) return handOver(running);
  const file = join(home, 'engine', 'temporal.db');
  if (!existsSync(file)) return; // nothing was ever played here
  try {
    const engine = await revive(file);
    await engine.stop(); // hands it over
  } catch (error) {
    await say({ unread: `${file}: ${error instanceof Error ? error.message : String(error)}` }); // its test has broken it
  }
}

function addressIn(home: string): { readonly address: string; readonly namespace: string } | null {
  for (const { pid } of processesNaming(home)) {
    const env = environmentOf(pid);
    const [address, namespace] = [env.get('TEMPORAL_ADDRESS'), env.get('TEMPORAL_NAMESPACE')];
    if (address && namespace && env.get('TACK_HOME') === home && env.has('TACK_LIFELINE_FD'))
      return { address, namespace };
  }
  return null;
}

function environmentOf(pid: number): ReadonlyMap<string, string> {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  } catch {
    return new Map(); // it ended while we looked
  }
}
