/** The body of a request of git: unzipped, bounded, and with its head looked at before the rest is passed on. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TackError } from '../../domain/errors.ts';

/** The bytes as git meant them; throws `request_too_large` above `max_bytes`, counted after unzipping. */
export async function* bounded(
  body: AsyncIterable<Uint8Array>,
  zipped: boolean,
  max_bytes: number,
): AsyncGenerator<Buffer> {
  const source = Readable.from(body, { objectMode: false });
  const plain = zipped ? source.pipe(createGunzip()) : source;
  // a pipe does not carry the failure of its source
  if (zipped) source.once('error', (error) => plain.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > max_bytes) throw new TackError('request_too_large', `git sent more than ${max_bytes} bytes.`);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? new TackError('request_invalid', 'The body is no gzip.', { cause: error }) : error;
  } finally {
    source.destroy();
    plain.destroy();
  }
}

/** A stream whose head was read: `head` again, then the rest. */
export interface Peeked {
  readonly head: Buffer;
  rest(): AsyncGenerator<Buffer>;
}

/** Reads until `isEnough` says so, the limit is reached, or the stream ends. */
export async function peek(
  stream: AsyncGenerator<Buffer>,
  limit: number,
  isEnough: (head: Buffer) => boolean,
): Promise<Peeked> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < limit && !isEnough(head)) {
    const next = await stream.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return {
    head,
    async *rest() {
      if (head.length > 0) yield head;
      yield* stream;
    },
  };
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
