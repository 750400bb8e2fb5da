/** `npm run chaos`: see `--help`. */
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTestTools } from '../../scripts/test-tools.ts';
import { HELP, wantedOf, type Wanted } from './arguments.ts';
import { nameOf, roundsOf, type Round } from './cells.ts';
import { openPlace, type Place } from './place.ts';
import { playRound, type Played } from './round.ts';
import { commitOf } from './commit.ts';
import { changeRows, isOf, readRows, type CellRow, type Measured } from './rows.ts';
import { playBreak } from './breaks/play.ts';
import { writeTables } from './page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const KEPT = join(ROOT, 'docs/results/chaos.json');

process.exitCode = await main();

async function main(): Promise<number> {
  let wanted: Wanted | null;
  try {
    wanted = wantedOf(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\nSee npm run chaos -- --help.`);
    return 2;
  }
  if (!wanted) return (process.stdout.write(HELP), 0);
  Object.assign(process.env, await withTestTools());
  const file = wanted.results ?? KEPT;
  const is_well = wanted.guard ? await breakOne(wanted.guard, file) : await playAll(wanted, file);
  if (wanted.results === null) await writeTables(readRows(file), ROOT);
  return is_well ? 0 : 1;
}

/** True when every round was played, and none found anything. */
async function playAll(wanted: Wanted, file: string): Promise<boolean> {
  const { cells, again } = wanted;
  const isMeant = (row: CellRow) => cells.some((cell) => isOf(wanted, cell)(row));
  if (again) await changeRows(file, (kept) => ({ ...kept, cells: kept.cells.filter((row) => !isMeant(row)) }));
  const asked = roundsOf(wanted);
  const left = asked.filter((round) => !isPlayed(round, wanted, file));
  say(`${asked.length} rounds, ${left.length} to play.`);
  const place = keepPlace(wanted);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void place.close().finally(() => process.exit(1))); // what was played is kept
  let unplayed = 0;
  try {
    for (const [n, round] of left.entries()) {
      const title = `${n + 1}/${left.length} ${nameOf(round)} round ${round.round} at ${round.offset_ms} ms`;
      try {
        const played = await playRound(await place.of(round), round);
        const row: CellRow = { harness: wanted.harness, seed: wanted.seed, ...round, ...played, ...measured() };
        await changeRows(file, (kept) => ({ ...kept, cells: [...kept.cells, row] }));
        say(`${title}: ${inWords(played)}`);
        if (played.violations.length > 0) await place.close(); // what is broken there must not be met again
      } catch (error) {
        unplayed++;
        say(`${title}: NOT PLAYED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        await place.close();
      }
    }
  } finally {
    await place.close();
  }
  const violated = readRows(file).cells.filter((row) => isMeant(row) && row.violations.length > 0);
  say(`${violated.length} rounds with violations, ${unplayed} rounds not played.`);
  return violated.length === 0 && unplayed === 0;
}

function isPlayed(round: Round, wanted: Wanted, file: string): boolean {
  return readRows(file).cells.some((row) => isOf(wanted, round)(row) && row.round === round.round);
}

/** One room for as long as it serves: the roll-over needs one of its own. */
function keepPlace({ harness }: Wanted): { of(round: Round): Promise<Place>; close(): Promise<void> } {
  let open: { readonly place: Place; readonly rolls: boolean } | undefined;
  const close = async () => {
    const last = open;
    open = undefined;
    await last?.place.close();
  };
  return {
    close,
    async of({ moment }) {
      const rolls = moment === 'roll-over';
      if (open?.rolls !== rolls) await close();
      open ??= { rolls, place: await openPlace({ harness, rolls }) };
      return open.place;
    },
  };
}

async function breakOne(guard: NonNullable<Wanted['guard']>, file: string): Promise<boolean> {
  const row = { guard, ...(await playBreak(guard, say)), ...measured() };
  await changeRows(file, (kept) => ({ ...kept, guards: [...kept.guards.filter((one) => one.guard !== guard), row] }));
  if (row.with_it.length > 0) say(`With the guard in its place it is violated, too: that proves nothing.`);
  if (row.without_it.length === 0) say(`Without ${guard} no oracle noticed anything: this proof cannot fail.`);
  return row.with_it.length === 0 && row.without_it.length > 0;
}

function measured(): Measured {
  return {
    when: new Date().toISOString(),
    commit: commitOf(ROOT),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

function inWords({ killed, went_on_ms, done_ms, violations }: Played): string {
  if (violations.length > 0)
    return `VIOLATED: ${violations.map(({ oracle, what }) => `${oracle}: ${what}`).join('; ')}`;
  return `${killed === 'yes' ? '' : `${killed}; `}goes on after ${went_on_ms} ms, all done after ${done_ms} ms`;
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
