/** All migrations, in order. */
import { start } from './0001-start.ts';

export const MIGRATIONS = [start] as const;
