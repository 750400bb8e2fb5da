/** Looks for a secret in what is kept and shown: whole or in halves, in each spelling that a program may give it. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes that would give a secret away. In halves: a database may cut it where a page ends. */
export function formsOf(secret: string): readonly Buffer[] {
  const random = secret.slice(-32);
  const halves = [random.slice(0, 16), random.slice(16)];
  return halves.flatMap((half) => [
    Buffer.from(half),
    Buffer.from(half, 'utf16le'),
    Buffer.from(Buffer.from(half).toString('hex')),
    ...[0, 1, 2].map((before) => inBase64(half, before)),
  ]);
}

/** As it looks in base64 of a text in which so many bytes (modulo 3) stand before it. */
function inBase64(half: string, before: number): Buffer {
  const text = Buffer.from(`${' '.repeat(before)}${half}`).toString('base64');
  return Buffer.from(text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + half.length) * 8) / 6)));
}

export const holds = (what: string | Buffer, secret: string): boolean => {
  const bytes = Buffer.from(what);
  return formsOf(secret).some((form) => bytes.includes(form));
};

/** Every file below a folder whose name or content holds the secret; paths from there. */
export function filesHolding(folder: string, secret: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => {
      const file = join(folder, path);
      return holds(path, secret) || (lstatSync(file).isFile() && holds(readFileSync(file), secret));
    })
    .toSorted();
}
