/** The table as it is shown: a row a try, a column for each who tried. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './attempt.ts';
import type { Played } from './play.ts';
import { ATTEMPTS } from './table.ts';

export interface Row {
  readonly id: string;
  readonly attempt: string;
  readonly expected: string;
  /** Without a sandbox: `works`, or why it can show nothing here. */
  readonly control: string;
  /** In the sandbox of a worker that is root, and of one that is not: `stopped` or `ESCAPED`; `–` when nobody tried. */
  readonly root: string;
  readonly user: string;
}
export type Who = 'root' | 'user';

export const PLAYER = fileURLToPath(new URL('./play.ts', import.meta.url));

/** A control that did not work though nothing was said to be missing: that try proves nothing. */
export const FAILED = 'FAILED';
export const ESCAPED = 'ESCAPED';

export function rowsOf(played: Readonly<Partial<Record<Who, readonly Played[]>>>): readonly Row[] {
  const all = played.root ?? played.user ?? [];
  const order = ATTEMPTS.filter((row) => all.some((one) => one.id === row.id && one.attempt === row.attempt));
  return order.map(({ id, attempt, expected }) => {
    const of = (who: Who) => played[who]?.find((one) => one.id === id && one.attempt === attempt);
    const tried = [of('root'), of('user')].flatMap((one) => one ?? []);
    return {
      ...{ id, attempt, expected },
      control: controlOf(tried.map(({ control }) => control)),
      root: insideOf(of('root')),
      user: insideOf(of('user')),
    };
  });
}

/** It must work for somebody; where it worked for nobody, the machine says why. */
function controlOf(controls: readonly (Outcome | null)[]): string {
  const tried = controls.flatMap((one) => one ?? []);
  if (tried.some((one) => !one.through && one.lacks === undefined)) return FAILED;
  if (tried.some(({ through }) => through)) return 'works';
  return tried[0]?.lacks ?? 'needs root';
}

const insideOf = (one: Played | undefined): string =>
  one === undefined ? '–' : one.inside.through ? ESCAPED : 'stopped';

/** What the words of a program print, line by line, as rows. */
export async function playedBy(
  [command = '', ...args]: readonly string[],
  { env, told }: { readonly env: NodeJS.ProcessEnv; readonly told?: (row: Played) => void },
): Promise<readonly Played[]> {
  const child = spawn(command, args, { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  const rows: Played[] = [];
  const cried: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => cried.push(text));
  createInterface(child.stdout).on('line', (line) => {
    const row = JSON.parse(line) as Played;
    rows.push(row);
    told?.(row);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`The player ended with ${code} after ${rows.length} tries: ${cried.join('')}`);
  return rows;
}
