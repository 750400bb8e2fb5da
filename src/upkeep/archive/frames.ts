/**
 * Bytes to a file and back, compressed: frames of zstd, each behind a skippable frame that says how long it is and what its bytes
 * come to: a changed byte may decompress to the same content. Any `zstd -d` reads it. All at once and without the loop: who writes here may hold a lock.
 */
import { createHash } from 'node:crypto';
import { readSync, writeSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TackError } from '../../domain/errors.ts';

const FRAME_BYTES = 4 << 20;
/** Source: RFC 8878 §3.1.2, the first of the sixteen magic numbers of skippable frames. */
const SKIPPABLE = 0x184d2a50;
const HEADER_BYTES = 44;
const hashOf = (frame: Uint8Array): Buffer => createHash('sha256').update(frame).digest();
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

export interface Frames {
  write(bytes: Uint8Array): void;
  /** Writes what is still held back. */
  end(): void;
  /** Compressed bytes so far. */
  written(): number;
}

export function writeFrames(fd: number): Frames {
  let held: Uint8Array[] = [];
  let bytes_held = 0;
  let bytes_written = 0;
  const flush = (): void => {
    if (bytes_held === 0) return;
    const frame = zstdCompressSync(Buffer.concat(held), OPTIONS);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(SKIPPABLE, 0);
    header.writeUInt32LE(HEADER_BYTES - 8, 4);
    header.writeUInt32LE(frame.length, 8);
    hashOf(frame).copy(header, 12);
    for (const part of [header, frame]) writeAll(fd, part);
    bytes_written += header.length + frame.length;
    held = [];
    bytes_held = 0;
  };
  return {
    write(bytes) {
      held.push(Uint8Array.from(bytes)); // its owner may use the memory again
      bytes_held += bytes.length;
      if (bytes_held >= FRAME_BYTES) flush();
    },
    end: flush,
    written: () => bytes_written,
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Yields what was written, frame by frame. Throws `backup_damaged` at the first one that is not what it was. */
export function* readFrames(fd: number): Generator<Buffer> {
  for (;;) {
    const header = readUpTo(fd, HEADER_BYTES);
    if (header.length === 0) return;
    if (header.length < HEADER_BYTES) throw damaged('it ends early');
    const length = header.readUInt32LE(8);
    if (
      header.readUInt32LE(0) !== SKIPPABLE ||
      header.readUInt32LE(4) !== HEADER_BYTES - 8 ||
      length > 2 * FRAME_BYTES + (1 << 26)
    )
      throw damaged('this is not an archive of `tack backup`, or a frame of it is damaged');
    const frame = readUpTo(fd, length);
    if (frame.length < length) throw damaged('it ends early');
    if (!hashOf(frame).equals(header.subarray(12))) throw damaged('a frame is not what was written');
    yield opened(frame);
  }
}

function opened(frame: Uint8Array): Buffer {
  try {
    return zstdDecompressSync(frame);
  } catch (cause) {
    throw damaged(`a frame cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

function readUpTo(fd: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(fd, bytes, at, length - at, null);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

export const damaged = (why: string): TackError => new TackError('backup_damaged', `The backup is damaged: ${why}.`);
