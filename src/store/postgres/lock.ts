/** A lock of the server by name. */
import { createHash } from 'node:crypto';

/** 64 bits: two names that meet wait for each other, no more. */
export const lockOf = (name: string): string => createHash('sha256').update(name).digest().readBigInt64BE(0).toString();
