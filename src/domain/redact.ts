/** Takes secrets out of a line of a log: by the name of their field, and by their look. The last wall: nobody should write one. Pure. */

/** Fields of JSON whose text is nobody's business, however deep they stand; `input_tokens` is a number and stays. */
const FIELD =
  /"((?:[a-z0-9]+[_-])*(?:token|secret|password|passphrase|authorization|api[_-]?key|cookie|private[_-]?key))"\s*:\s*"(?:[^"\\]|\\.)*"/gi;

/** Source: the forms that vendors document for their keys. */
const LOOKS: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{12,}/g,
  /\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi;
/** `scheme://user:password@host` */
const IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*):[^\s/@"]+@/gi;

const REDACTED = '[redacted]';

export function redact(line: string): string {
  const named = line
    .replace(FIELD, `"$1":"${REDACTED}"`)
    .replace(BEARER, `$1 ${REDACTED}`)
    .replace(IN_URL, `$1:${REDACTED}@`);
  return LOOKS.reduce((text, look) => text.replace(look, REDACTED), named);
}
