/** Reads an archive from its beginning: each entry with the hash of all its bytes. */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { isTackError, TackError } from '../../domain/errors.ts';
import { damaged, readFrames } from './frames.ts';
import { shownPath } from './manifest.ts';
import { BLOCK, padding, readHeader, typeOf, type Entry } from './tar.ts';

export interface ReadEntry extends Entry {
  /** The content in pieces; it can be read once, before the next entry. What is not read is skipped. */
  content(): Generator<Buffer>;
  /** Of the header and the content, once the content was read or skipped. */
  sha256(): string;
}

/** Throws `backup_damaged`, which names the entry where it was met. */
export function* readArchive(file: string): Generator<ReadEntry> {
  const fd = openSync(file, 'r');
  let where = 'its beginning';
  try {
    const bytes = pieces(readFrames(fd));
    for (;;) {
      const hash = createHash('sha256');
      const entry = nextEntry(bytes, (part) => hash.update(part));
      if (entry === null) return;
      where = shownPath(entry.path);
      let left = entry.size;
      const rest = function* (): Generator<Buffer> {
        while (left > 0) {
          const part = bytes.some(Math.min(left, 1 << 20));
          left -= part.length;
          hash.update(part);
          yield part;
        }
      };
      let digest: string | undefined;
      const sha256 = (): string => {
        for (const _part of rest());
        if (digest === undefined) {
          hash.update(bytes.exactly(padding(entry.size).length));
          digest = hash.digest('hex');
        }
        return digest;
      };
      yield { ...entry, content: rest, sha256 };
      sha256();
    }
  } catch (error) {
    if (!isTackError(error) || error.code !== 'backup_damaged') throw error;
    throw new TackError('backup_damaged', `${error.message.replace(/\.$/, '')}, at ${where} or behind it.`);
  } finally {
    closeSync(fd);
  }
}

interface Pieces {
  exactly(length: number): Buffer;
  /** At least one byte, at most this many. */
  some(most: number): Buffer;
}

function pieces(source: Generator<Buffer>): Pieces {
  let piece: Buffer = Buffer.alloc(0);
  function some(most: number): Buffer {
    while (piece.length === 0) {
      const next = source.next();
      if (next.done) throw damaged('it ends early');
      piece = next.value;
    }
    const taken = piece.subarray(0, most);
    piece = piece.subarray(taken.length);
    return taken;
  }
  return {
    some,
    exactly(length) {
      const parts: Buffer[] = [];
      for (let left = length; left > 0;) {
        const part = some(left);
        parts.push(part);
        left -= part.length;
      }
      return Buffer.concat(parts);
    },
  };
}

/** Null at the end. */
function nextEntry(bytes: Pieces, hashed: (part: Buffer) => void): Entry | null {
  const long: { path?: string; target?: string } = {};
  for (;;) {
    const block = bytes.exactly(BLOCK);
    const header = readHeader(block);
    if (header === null) return null;
    if (header === undefined) throw damaged('a header is not what it was');
    hashed(block);
    if (header.flag === 'L' || header.flag === 'K') {
      const text = bytes.exactly(header.size + padding(header.size).length);
      hashed(text);
      long[header.flag === 'L' ? 'path' : 'target'] = text.toString('latin1', 0, header.size - 1);
      continue;
    }
    const type = typeOf(header.flag);
    if (!type) throw damaged(`an entry has the unknown type ${JSON.stringify(header.flag)}`);
    const { flag: _flag, ...entry } = { ...header, ...long };
    return { ...entry, type, path: entry.path.replace(/\/$/, '') };
  }
}
