/** The tables of docs/reliability.md. */
import type { Kept } from './rows.ts';
export async function writeTables(_kept: Kept, _root: string): Promise<void> {}
