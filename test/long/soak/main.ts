/** `npm run test:long -- soak [--minutes 60] [--seed 1]`: plays it, keeps the raw samples and the picture in docs/results, writes its part of docs/reliability.md; `--draw` only does the last two, from the samples. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'oxfmt';
import { withTestTools } from '../../../scripts/test-tools.ts';
import { pageOf, type Kept } from './page.ts';
import { plotOf } from './plot.ts';
import { soak, type Soak } from './soak.ts';

const ROOT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
const SELF = fileURLToPath(import.meta.url);
const RESULTS = join(ROOT, 'docs/results');
const KEPT = join(RESULTS, 'soak.json');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    inside: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
  },
});

/** A checkout that lies below /tmp stays in sight. */
const FURNISH = `
set -e
case $2 in /tmp/*)
  mkdir -p "$1$2"
  mount --bind "$2" "$1$2" ;;
esac
mount --rbind "$1/tmp" /tmp
mount --bind "$1/run" /run
shift 2
chmod 1777 /tmp
set +e
"$@"
exit $?
`;

if (values.draw) await draw();
else process.exitCode = process.getuid?.() === 0 && !values.inside ? await inAPlaceOfItsOwn() : await play();

/**
 * Root gives it processes, temporary files and sockets that nobody else sees: what is left there is ours. The shell is the first
 * process, and reaps what is orphaned.
 */
async function inAPlaceOfItsOwn(): Promise<number> {
  mkdirSync(join(ROOT, '.tack'), { recursive: true });
  const place = mkdtempSync(join(ROOT, '.tack', 'soak-'));
  try {
    for (const name of ['tmp', 'run']) mkdirSync(join(place, name));
    const words = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--mount-proc', '--'];
    const script = ['/bin/sh', '-c', FURNISH, 'soak', place, ROOT];
    const self = [process.execPath, SELF, '--inside', '--minutes', values.minutes, '--seed', values.seed];
    const env = await withTestTools();
    return spawnSync('unshare', [...words, ...script, ...self], { stdio: 'inherit', env }).status ?? 1;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function play(): Promise<number> {
  if (!values.inside) Object.assign(process.env, await withTestTools());
  const played = await soak({
    minutes: Number(values.minutes),
    seed: Number(values.seed),
    is_alone: values.inside,
    say: (line) => console.log(line),
  });
  const { samples, slopes, kills, left, faults, ...summary } = played;
  await keep(played);
  console.log(JSON.stringify({ ...summary, kills: kills.length, samples: samples.length }));
  for (const one of slopes)
    console.log(
      `${one.is_flat ? 'flat' : 'RISES'}: ${one.role}, ${one.what}, ${one.from_s} to ${one.to_s} s: ${one.first} → ${one.last}, ${one.per_hour} by the hour (limit ${one.limit})`,
    );
  for (const one of left) console.log(`LEFT: ${one}`);
  for (const one of faults) console.log(`FAULT: ${one}`);
  return faults.length + left.length + slopes.filter(({ is_flat }) => !is_flat).length > 0 ? 1 : 0;
}

/** One line a sample, so that two soaks can be compared. */
async function keep(played: Soak): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  const when = new Date().toISOString();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, load ${loadavg()[2]?.toFixed(1)}`;
  const { samples, slopes, ...rest } = played;
  const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join(',\n');
  const head = JSON.stringify({ when, machine, ...rest }).slice(0, -1);
  writeFileSync(KEPT, `${head},\n"slopes":[\n${lines(slopes)}\n],\n"samples":[\n${lines(samples)}\n]}\n`);
  await draw();
}

/** The picture and the page, from what was kept. */
async function draw(): Promise<void> {
  const kept = JSON.parse(readFileSync(KEPT, 'utf8')) as Kept;
  writeFileSync(join(RESULTS, 'soak.svg'), plotOf(kept.samples, kept.kills));
  const page = join(ROOT, 'docs/reliability.md');
  const settings = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8')) as Record<string, never>;
  const { code } = await format(page, pageOf(readFileSync(page, 'utf8'), kept), settings);
  writeFileSync(page, code);
}
