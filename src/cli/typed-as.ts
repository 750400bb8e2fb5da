/** How `tack` is typed: by its name when the PATH leads to this one; else by its path. */
import { realpathSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

export interface Typed {
  /** In the folder where one stands: a short path when it is below. */
  readonly here: string;
  /** In any folder. */
  readonly anywhere: string;
}

export function typedAs(launcher: string, { cwd, path }: { readonly cwd: string; readonly path: string }): Typed {
  const first = path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => realOf(join(folder, 'tack')))
    .find((found) => found !== null);
  if (first !== undefined && first === realOf(launcher)) return { here: 'tack', anywhere: 'tack' };
  const near = relative(cwd, launcher);
  return { here: near.startsWith('..') ? launcher : `./${near}`, anywhere: launcher };
}

function realOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null; // it is not there
  }
}
