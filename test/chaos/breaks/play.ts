import type { Violation } from '../violation.ts';
import type { Guard } from './guards.ts';
export async function playBreak(
  _guard: Guard,
  _say: (line: string) => void,
): Promise<{ with_it: readonly Violation[]; without_it: readonly Violation[] }> {
  return { with_it: [], without_it: [] };
}
