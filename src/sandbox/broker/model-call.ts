/** What a model request asks for. Pure; what leaves is what was read here, written anew: no second reading of the same bytes. */
import { z } from 'zod';
import { refusal, type Denial } from './denial.ts';
import { reachesOut } from './reaches-out.ts';

export interface ModelCall {
  readonly model: string;
  readonly max_tokens: number | null;
  /** The body to send on. */
  readonly body: Buffer;
}

const Call = z.looseObject({
  model: z.string().min(1).max(200),
  max_tokens: z.number().int().nonnegative().nullish(),
});

export function readModelCall(bytes: Buffer): ModelCall | Denial {
  const parsed = Call.safeParse(parse(bytes));
  if (!parsed.success)
    return refusal('readable-request', 'The body is not a request of the Messages API: JSON with a `model`.', {
      status: 400,
      way_out: 'Send the JSON of a model request.',
    });
  const out = reachesOut(parsed.data);
  if (out !== null)
    return refusal('model-endpoint-only', `The request makes the model's provider go to the network for it: ${out}.`);
  const { model, max_tokens = null } = parsed.data;
  return { model, max_tokens, body: Buffer.from(JSON.stringify(parsed.data)) };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined; // the schema says it
  }
}
