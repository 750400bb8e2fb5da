/** Ids are branded strings with a prefix: what kind of thing an id names can be read off it, in a log as in a type. No zod here: workflow code uses it. */
export const ID_PREFIXES = {
  session: 'ses',
  turn: 'trn',
  item: 'itm',
  event: 'evt',
  approval: 'apr',
  grant: 'grt',
  project: 'prj',
  queued: 'que',
} as const;
export type IdKind = keyof typeof ID_PREFIXES;
export type Id<K extends IdKind> = `${(typeof ID_PREFIXES)[K]}_${string}`;

export type SessionId = Id<'session'>;
export type ApprovalId = Id<'approval'>;
export type ProjectId = Id<'project'>;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Crockford base32, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let out = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? out + ALPHABET[(value << (5 - bits)) & 31] : out;
}

/** A new id that sorts by time: 48 bits of milliseconds, then 80 random bits (10 bytes). Time and chance come in as data. */
export function newId<K extends IdKind>(kind: K, now_ms: number, random: Uint8Array): Id<K> {
  const bytes = new Uint8Array(16);
  for (let i = 0, rest = now_ms; i < 6; i++, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256;
  bytes.set(random.subarray(0, 10), 6);
  return `${ID_PREFIXES[kind]}_${base32(bytes)}` as Id<K>;
}

/** An id made of a digest: the same parts give the same id, on any attempt and any host. `digest` is hex. */
export function derivedId<K extends IdKind>(kind: K, digest: string): Id<K> {
  const bytes = Uint8Array.from(digest.slice(0, 32).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return `${ID_PREFIXES[kind]}_${base32(bytes)}` as Id<K>;
}
