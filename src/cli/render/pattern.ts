/** What a lasting allow covers, in words: shown before anybody agrees to it. */
import { GrantPattern } from '../../domain/approval/schema.ts';
import { printable } from './printable.ts';

/** `shell.exec: npm test, npm run *`; empty for none. Never shortened. */
export function patternWords(pattern: unknown): string {
  const parsed = GrantPattern.safeParse(pattern);
  if (!parsed.success) return '';
  const { on, ...matchers } = parsed.data;
  const said = Object.values(matchers).flatMap((values) => values ?? []);
  return printable(said.length === 0 ? `every ${on}` : `${on}: ${said.join(', ')}`).replaceAll('\n', ' ⏎ ');
}
