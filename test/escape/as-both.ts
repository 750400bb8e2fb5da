/** The table played as root and as an ordinary user; a machine where we are not root has the second column only. */
import { IS_ROOT, makeOrdinaryUser } from '../support/ordinary-user.ts';
import type { Played } from './play.ts';
import { PLAYER, playedBy, rowsOf, type Row, type Who } from './rows.ts';

export interface AsBoth {
  readonly rows: readonly Row[];
  /** Seconds that each took. */
  readonly seconds: Readonly<Partial<Record<Who, number>>>;
  readonly played: Readonly<Partial<Record<Who, readonly Played[]>>>;
}

export async function playAsBoth(
  told: (who: Who, row: Played) => void = () => {},
  wanted: readonly string[] = [],
): Promise<AsBoth> {
  const played: Partial<Record<Who, readonly Played[]>> = {};
  const seconds: Partial<Record<Who, number>> = {};
  const timed = async (who: Who, words: readonly string[], env: NodeJS.ProcessEnv) => {
    const began = performance.now();
    played[who] = await playedBy(words, { env, told: (row) => told(who, row) });
    seconds[who] = (performance.now() - began) / 1000;
  };
  await timed(IS_ROOT ? 'root' : 'user', [process.execPath, PLAYER, ...wanted], process.env);
  if (IS_ROOT) {
    const user = makeOrdinaryUser();
    try {
      await timed('user', user.words([user.at(process.execPath), user.at(PLAYER), ...wanted]), user.env);
    } finally {
      await user.close();
    }
  }
  return { rows: rowsOf(played), seconds, played };
}

export const timesOf = ({ rows, seconds }: AsBoth): string =>
  `${rows.length} tries: ${Object.entries(seconds)
    .map(([who, s]) => `${s?.toFixed(1)} s as ${who === 'root' ? 'root' : 'an ordinary user'}`)
    .join(', ')}`;
