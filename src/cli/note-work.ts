/** Tells the log what the person did with the work. It is done either way: what cannot be noted is said. */
import type { Client } from '../api/contract/client.ts';
import { isTackError } from '../domain/errors.ts';
import type { Output } from './output.ts';

export interface WorkNote {
  readonly session_id: string;
  readonly what: 'applied' | 'discarded';
  readonly commit: string;
  readonly branch: string;
}

/** False when the log does not have it. */
export async function noteWork(client: Client, { session_id, ...body }: WorkNote, out: Output): Promise<boolean> {
  try {
    await client.sessions.noteWork({ session_id, body });
    return true;
  } catch (error) {
    if (!isTackError(error)) throw error;
    out.say(`The log of the session does not note this: ${error.message}`);
    return false;
  }
}
