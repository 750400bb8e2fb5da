/** A message on its way in: checked, kept as a blob, and named so that the same words sent twice are one turn. */
import { canonicalJson, digestOf } from '../../domain/canonical.ts';
import { textOf, type BlobRef, type Content } from '../../domain/content.ts';
import { DEFAULTS } from '../../domain/defaults.ts';
import { TackError } from '../../domain/errors.ts';
import { derivedId } from '../../domain/ids.ts';
import type { Payloads } from '../../domain/session/command.ts';
import type { Call } from './handler.ts';
import type { ServerParts } from './parts.ts';

export interface Words {
  readonly session_id: string;
  readonly client_id: string;
  readonly content: readonly Content[];
}

/** The payload of `prompt` and `steer`. The text goes to the blobs, the message carries its digest. */
export async function said(
  { blobs, sha256 }: Pick<ServerParts, 'blobs' | 'sha256'>,
  words: Words,
  by: Pick<Call, 'actor' | 'via'>,
): Promise<Payloads['prompt']> {
  refuseTooLarge(words.content);
  const content: BlobRef = await blobs.put(canonicalJson(words.content));
  return {
    client_id: words.client_id,
    turn_id: derivedId('turn', digestOf([words.session_id, words.client_id], sha256)),
    content,
    actor: by.actor,
    via: by.via,
  };
}

/** Throws `content_too_large`, or `request_invalid` for what is no base64. */
export function refuseTooLarge(content: readonly Content[], at = 'body.content'): void {
  const text_bytes = Buffer.byteLength(textOf(content));
  if (text_bytes > DEFAULTS.message_text_bytes)
    throw new TackError(
      'content_too_large',
      `The text has ${text_bytes} bytes; ${DEFAULTS.message_text_bytes} are taken.`,
      { data: { errors: [{ place: at, message: 'too much text' }] } },
    );
  let attached_bytes = 0;
  for (const [index, part] of content.entries()) {
    if (part.type === 'text') continue;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(part.data) || part.data.length % 4 !== 0) {
      const errors = [{ place: `${at}[${index}].data`, message: 'is no base64' }];
      throw new TackError('request_invalid', `${errors[0]!.place}: is no base64`, { data: { errors } });
    }
    attached_bytes += Math.floor((part.data.length / 4) * 3);
  }
  if (attached_bytes > DEFAULTS.attachments_bytes)
    throw new TackError(
      'content_too_large',
      `The attachments have ${attached_bytes} bytes; ${DEFAULTS.attachments_bytes} are taken.`,
      { data: { errors: [{ place: at, message: 'attachments are too large' }] } },
    );
}
