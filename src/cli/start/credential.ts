/** The model's credential: the broker's own, else the one of this terminal, handed over for its memory only. */
import { createHash } from 'node:crypto';
import type { Info } from '../../api/contract/info.ts';
import type { Client } from '../../api/contract/client.ts';
import { TackError } from '../../domain/errors.ts';
import { fingerprintOf } from '../../domain/wires/broker.ts';
import type { ModelCredential } from '../../config.ts';
import type { Context } from '../context.ts';

type Held = Info['credentials'][number];

/** `credential_missing` when there is none at all. `ref` null: the harness needs none. */
export async function handOverCredential(
  client: Client,
  { credential: own, out }: Pick<Context, 'credential' | 'out'>,
  ref: string | null,
): Promise<void> {
  if (ref === null) return;
  const held = (await client.info.show()).credentials.find((credential) => credential.ref === ref);
  if (held) {
    const other = own && difference(held, own);
    if (other) out.say(`! ${other}`);
    return;
  }
  if (!own)
    throw new TackError(
      'credential_missing',
      'There is no credential for the model: neither `tack up` nor this terminal has one. Set ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) and run it again. Logging in by subscription comes later.',
    );
  await client.credentials.put({ body: { ref, ...own } });
  out.say(out.colors.dim(`The broker uses ${own.source} from now on (in its memory only).`));
}

/** In one line, when the session will use another one than this terminal would. */
function difference(held: Held, own: ModelCredential): string | null {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  if (held.fingerprint !== fingerprintOf(own.secret, sha256))
    return `The broker goes on with ${held.source}, which is not ${own.source}. \`tack down\`, then \`tack run\` here takes this one.`;
  return held.base_url === own.base_url
    ? null
    : `The broker goes on to ${held.base_url ?? 'the vendor itself'}; this terminal would go to ${own.base_url ?? 'the vendor itself'}.`;
}
