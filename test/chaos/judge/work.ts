/** Git alone: the work of the last turn is in the project's repository. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from '../../support/stored-log.ts';
import type { Place } from '../place.ts';
import type { Watched } from '../session.ts';
import { expectSoon, type Violation } from '../violation.ts';

interface Done {
  readonly session: Watched;
  readonly log: readonly StoredEvent[];
  readonly effects: readonly string[];
}

export async function judgeWork({ room }: Place, { session, log, effects }: Done): Promise<readonly Violation[]> {
  const [project = ''] = readdirSync(join(room.home, 'projects'));
  const bare = (...words: string[]) =>
    execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', join(room.home, 'projects', project), ...words], {
      encoding: 'utf8',
    }).trim();
  const saved = log.findLast(({ type }) => type === 'checkpoint.created')?.data as Saved | undefined;
  if (!saved) return [{ oracle: 'git', what: `nothing of ${session.id} was saved` }];
  const commit = await expectSoon('git', `the ref ${saved.ref}`, () => bare('rev-parse', saved.ref));
  const kept = bare('show', `${saved.ref}:effects.txt`).split('\n');
  return [
    ...(commit === saved.commit ? [] : [`${saved.ref} is ${commit}; the log says ${saved.commit}`]),
    ...(kept.join() === effects.join()
      ? []
      : [`the saved work has ${kept.join(', ')}; its folder ${effects.join(', ')}`]),
  ].map((what) => ({ oracle: 'git', what }));
}

interface Saved {
  readonly commit: string;
  readonly ref: string;
}
