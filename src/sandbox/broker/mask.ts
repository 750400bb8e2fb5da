/** Second wall: an upstream that echoes the credential is not heard saying it. Length stays, so a content-length stays true. */
export interface Mask {
  /** What may pass now; the end of it is kept while it could begin the secret. */
  pass(chunk: Buffer): Buffer;
  rest(): Buffer;
}

const NOTHING = Buffer.alloc(0);
/** What is shorter is no key, and would blacken ordinary words. */
const KEY_LENGTH = 8;

/** Hides the secret itself and its base64; other encodings are not seen. */
export function maskOf(secret: string | null): Mask {
  if (secret === null || secret.length < KEY_LENGTH) return { pass: (chunk) => chunk, rest: () => NOTHING };
  const hidden = [Buffer.from(secret), Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, ''))];
  let kept = NOTHING;
  return {
    pass(chunk) {
      const seen = kept.length > 0 ? Buffer.concat([kept, chunk]) : chunk;
      for (const form of hidden)
        for (let at = seen.indexOf(form); at >= 0; at = seen.indexOf(form, at + form.length))
          seen.fill('*', at, at + form.length);
      const held = Math.max(...hidden.map((form) => overlap(seen, form)));
      kept = Buffer.from(seen.subarray(seen.length - held));
      return seen.subarray(0, seen.length - held);
    },
    rest: () => kept,
  };
}

/** How many bytes at the end could begin the form. */
function overlap(seen: Buffer, form: Buffer): number {
  const first = form[0] ?? 0;
  const from = Math.max(0, seen.length - form.length + 1);
  for (let at = seen.indexOf(first, from); at >= 0; at = seen.indexOf(first, at + 1))
    if (form.subarray(0, seen.length - at).equals(seen.subarray(at))) return seen.length - at;
  return 0;
}
