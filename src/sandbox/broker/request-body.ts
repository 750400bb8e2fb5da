import type { IncomingMessage } from 'node:http';
import { refusal, type Denial } from './denial.ts';

/** Limit of the Messages API itself, and some air. */
const BODY_BYTES = 33_000_000;
/** What all requests of one session may hold in memory at once. */
const SESSION_BYTES = 100_000_000;

/** Memory that the bodies of one session take up. */
export interface BodyMemory {
  bytes: number;
}

/** Reads a body to its end; a request is judged whole or not at all. The caller gives the memory back. */
export async function readBody(request: IncomingMessage, memory: BodyMemory): Promise<Buffer | Denial> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += part.length;
      memory.bytes += part.length;
      if (bytes > BODY_BYTES || memory.bytes > SESSION_BYTES) {
        memory.bytes -= bytes;
        return refusal('request-size', `The request is larger than ${BODY_BYTES / 1e6} MB.`, {
          status: 413,
          code: 'request_too_large',
          way_out: 'Send less.',
        });
      }
      parts.push(part);
    }
  } catch (error) {
    memory.bytes -= bytes;
    throw error; // the client went away
  }
  return Buffer.concat(parts);
}

/** Lets a refused upload come to its end, within bounds: most clients read no answer before. */
export function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    request.on('data', (part: Buffer) => (bytes += part.length) > BODY_BYTES && resolve());
    request.once('end', resolve).once('close', resolve);
  });
}
