/** Entries of an archive as `tar` writes and reads them (GNU's form, whose names are bytes). A name is a string of bytes: `latin1`. */
export interface Entry {
  /** Bytes of the path, below the data folder. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the content; 0 for what is no file. */
  readonly size: number;
  readonly mtime_s: number;
  /** Of a symlink, as bytes. */
  readonly target: string;
}

export const BLOCK = 512;
const FLAGS = { file: '0', link: '2', folder: '5' } as const;
const NAME_MAX = 100;

/** The blocks in front of the content. */
export function headerOf(entry: Entry): Buffer {
  const path = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  return Buffer.concat([
    ...(path.length > NAME_MAX ? [longRecord('L', path)] : []),
    ...(entry.target.length > NAME_MAX ? [longRecord('K', entry.target)] : []),
    block({ ...entry, path, flag: FLAGS[entry.type] }),
  ]);
}

/** Zeros that fill the last block of this many bytes. */
export const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

function longRecord(flag: 'L' | 'K', text: string): Buffer {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  const about = { path: '././@LongLink', mode: 0, uid: 0, gid: 0, size: bytes.length, mtime_s: 0, target: '' };
  return Buffer.concat([block({ ...about, flag }), bytes, padding(bytes.length)]);
}

/** Where each field of a header begins, and how long it is. Source: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
const FIELDS = {
  path: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime_s: [136, 12],
  sum: [148, 8],
  flag: [156, 1],
  target: [157, 100],
  magic: [257, 8],
} as const;
type Numeric = 'mode' | 'uid' | 'gid' | 'size' | 'mtime_s';

function block(about: Omit<Entry, 'type'> & { readonly flag: string }): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  const text = (field: keyof typeof FIELDS, value: string) => {
    const [at, length] = FIELDS[field];
    bytes.write(value, at, length, 'latin1');
  };
  text('path', about.path);
  text('target', about.target);
  text('flag', about.flag);
  text('magic', 'ustar  \0');
  for (const field of ['mode', 'uid', 'gid', 'size', 'mtime_s'] satisfies Numeric[]) {
    const [at, length] = FIELDS[field];
    const octal = about[field].toString(8);
    if (octal.length < length) bytes.write(octal.padStart(length - 1, '0'), at, 'latin1');
    else {
      bytes.writeBigUInt64BE(BigInt(about[field]), at + length - 8); // what octal digits cannot hold is binary, and says so
      bytes[at] = 0x80;
    }
  }
  bytes.write(`${sumOf(bytes).toString(8).padStart(6, '0')}\0 `, FIELDS.sum[0], 'latin1');
  return bytes;
}

function sumOf(bytes: Uint8Array): number {
  const [from, length] = FIELDS.sum;
  return bytes.reduce((sum, byte, at) => sum + (at >= from && at < from + length ? 0x20 : byte), 0);
}

/** A header block as it was read; null for the blocks of zeros at the end, undefined for what is no header. */
export function readHeader(bytes: Buffer): (Omit<Entry, 'type'> & { readonly flag: string }) | null | undefined {
  if (bytes.every((byte) => byte === 0)) return null;
  const text = (field: keyof typeof FIELDS) => {
    const [at, length] = FIELDS[field];
    return bytes.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  };
  const number = (field: Numeric | 'sum') => {
    const [at, length] = FIELDS[field];
    return bytes[at] === 0x80 ? Number(bytes.readBigUInt64BE(at + length - 8)) : Number.parseInt(text(field), 8);
  };
  if (number('sum') !== sumOf(bytes)) return undefined;
  const [mode, uid, gid, size, mtime_s] = (['mode', 'uid', 'gid', 'size', 'mtime_s'] as const).map(number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { path: text('path'), target: text('target'), flag: text('flag'), mode, uid, gid, size, mtime_s };
}

export const typeOf = (flag: string): Entry['type'] | undefined =>
  (Object.keys(FLAGS) as Entry['type'][]).find((type) => FLAGS[type] === flag);
