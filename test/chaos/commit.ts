/** Which code was measured. */
import { execFileSync } from 'node:child_process';

/** The commit of a checkout, with a `+` when its code is another. */
export function commitOf(root: string): string {
  const git = (...words: readonly string[]) => execFileSync('git', ['-C', root, ...words], { encoding: 'utf8' }).trim();
  const isChanged = git('status', '--porcelain', '--', 'src', 'test', 'package-lock.json') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
}
