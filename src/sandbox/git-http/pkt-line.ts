/** git's packet lines: four hex digits of length, then the bytes; `0000` is a flush. */

/** The longest packet that git takes, header included. */
export const PKT_MAX_BYTES = 65_520;

export const FLUSH = Buffer.from('0000');

export function pkt(payload: string | Uint8Array): Buffer {
  const bytes = Buffer.from(payload as string);
  if (bytes.length > PKT_MAX_BYTES - 4) throw new RangeError(`A packet of ${bytes.length} bytes is too long.`);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

export type Packets =
  | {
      readonly kind: 'list';
      readonly payloads: readonly Buffer[];
      /** Bytes of the list, its flush included. */ readonly bytes: number;
    }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'malformed' };

/** The packets at the head of `bytes`, up to the first flush. */
export function readPackets(bytes: Buffer): Packets {
  const payloads: Buffer[] = [];
  for (let at = 0; ;) {
    if (bytes.length < at + 4) return { kind: 'unfinished' };
    const digits = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/i.test(digits)) return { kind: 'malformed' };
    const length = Number.parseInt(digits, 16);
    if (length === 0) return { kind: 'list', payloads, bytes: at + 4 };
    if (length < 4 || length > PKT_MAX_BYTES) return { kind: 'malformed' };
    if (bytes.length < at + length) return { kind: 'unfinished' };
    payloads.push(bytes.subarray(at + 4, at + length));
    at += length;
  }
}
