/** The answer on its way back: as it comes, with the pace of the reader, its cost read in passing and told before its end is heard. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { UsageReport } from '../../domain/wires/judge.ts';
import { atMost } from './at-most.ts';
import { inward } from './headers.ts';
import { maskOf } from './mask.ts';
import { NoAnswer } from './upstream.ts';
import { tapUsage, type Usage } from './usage-tap.ts';

export interface Relaying {
  readonly answer: IncomingMessage;
  readonly response: ServerResponse;
  readonly secret: string | null;
  readonly report: (figures: Usage & Pick<UsageReport, 'status'>) => Promise<void>;
}

/** A turn ends with the last event of its last request: what that cost must be in the log by then. But nobody waits for ever. */
const HELD_MS = 3_000;

/** Throws `NoAnswer` when it cannot be passed on, before anything of it was. A stream that breaks later breaks for the client, too. */
export async function relay({ answer, response, secret, report }: Relaying): Promise<void> {
  const status = answer.statusCode ?? 502;
  refuseUnreadable(answer, status);
  const tap = tapUsage(answer.headers['content-type'] ?? '');
  const mask = maskOf(secret);
  let told: Promise<void> | undefined;
  const tell = () => (told ??= report({ ...tap.usage(), status }));
  async function* look(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      tap.see(chunk);
      const passed = mask.pass(chunk);
      if (tap.isOver()) await atMost(tell(), HELD_MS);
      if (passed.length > 0) yield passed;
    }
    await atMost(tell(), HELD_MS);
    yield mask.rest();
  }
  response.writeHead(status, inward(answer.headers, secret));
  response.flushHeaders();
  await pipeline(answer, look, response).catch(() => response.destroy()); // cut for both ends alike
  await tell();
}

function refuseUnreadable(answer: IncomingMessage, status: number): void {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' && (status < 300 || status >= 400)) return;
  answer.destroy();
  const why = encoding === 'identity' ? `a redirect, ${status}, is not followed` : `it is encoded as ${encoding}`;
  throw new NoAnswer(new Error(why), true);
}
