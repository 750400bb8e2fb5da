/** For whoever needs the engine now, not once it is there. */
import type { Client } from '@temporalio/client';
import { TackError } from '../../domain/errors.ts';

/** Throws `engine_unavailable` when nobody answers at its address. */
export async function reach({ connection }: Client): Promise<void> {
  try {
    await connection.ensureConnected();
  } catch (cause) {
    throw new TackError('engine_unavailable', 'Nobody answers at the address of the engine.', { cause });
  }
}
