/** What a lasting allow covers, in the words of a rule: `shell.exec, commands: git push`. */
import type { GrantPattern } from '../domain/approval/schema.ts';
import { visible } from './visible.ts';

export function patternText({ on, ...matchers }: GrantPattern): string {
  const parts = Object.entries(matchers).flatMap(([name, values]) =>
    values === undefined ? [] : [`${name}: ${values.join(' | ')}`],
  );
  return visible([on, ...parts].join(', ').replaceAll(/\s+/g, ' '));
}
