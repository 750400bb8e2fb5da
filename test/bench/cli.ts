/** What the command line costs by itself: `tack --help` over an empty Node, in pairs, and `tack ls` against a server. Compiled code is kept, as the launcher has it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRoom } from '../support/tackroom.ts';
import { at, round, sized, type Measured } from './figures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TACK = join(ROOT, 'tack');
const PAIRS = sized(40);

export async function measureCli(): Promise<Measured> {
  const room = openRoom();
  try {
    await room.up();
    const took = (argv: readonly string[]): number => {
      const [command = '', ...args] = argv;
      const from = performance.now();
      const { status, stderr } = spawnSync(command, args, { env: room.env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
      return round(performance.now() - from);
    };
    const rows: Readonly<Record<'pair' | 'node_ms' | 'help_ms' | 'ls_ms' | 'own_ms', number>>[] = [];
    for (let pair = -2; pair < PAIRS; pair++) {
      const row = {
        pair,
        node_ms: took([process.execPath, '-e', '0']),
        help_ms: took([TACK, '--help']),
        ls_ms: took([TACK, 'ls']),
      };
      if (pair >= 0) rows.push({ ...row, own_ms: round(row.help_ms - row.node_ms) }); // the first two fill the caches
    }
    const median = (key: keyof (typeof rows)[number]) =>
      Math.round(
        at(
          rows.map((row) => row[key]),
          0.5,
        ),
      );
    return {
      name: 'cli',
      rows,
      figures: [
        {
          what: `\`tack --help\` over \`node -e 0\`, launcher included, median of ${PAIRS} pairs`,
          result: `${median('own_ms')} ms (${median('help_ms')} − ${median('node_ms')})`,
          goal: '< 40 ms',
        },
        { what: '`tack ls`, median', result: `${median('ls_ms')} ms`, goal: '< 250 ms' },
      ],
    };
  } finally {
    await room.close();
  }
}
