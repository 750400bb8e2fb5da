/** GET …/events/stream. */

import { TackError } from '../../../domain/errors.ts';
import { requireSession } from '../known-session.ts';
import type { ServerParts } from '../parts.ts';
import type { RawHandler } from '../register.ts';
import { follow } from './follow.ts';
import { openSse } from './sse.ts';

/** `Last-Event-ID` beats `after`: a browser that reconnects keeps the old URL. */
export function streamHandler(parts: ServerParts): RawHandler {
  return async (request, reply, signal) => {
    const { session_id } = request.params as { session_id: string };
    const query = request.query as { after: number; types?: string; deltas: '0' | '1' };
    await requireSession(parts, session_id);
    const after = seqOf(request.headers['last-event-id']) ?? query.after;
    reply.hijack();
    const out = openSse(reply.raw, parts.limits);
    try {
      await follow(
        parts,
        { session_id, after, types: query.types?.split(',').filter(Boolean) ?? null, deltas: query.deltas === '1' },
        out,
        signal,
      );
    } catch (err) {
      // the store failed: the client comes again, and resumes where it was
      request.log.warn({ err, session_id }, 'stream.cut');
    } finally {
      out.end();
      request.log.info({ session_id }, 'stream.ended');
    }
  };
}

function seqOf(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw badCursor();
}

const badCursor = (): TackError =>
  new TackError('request_invalid', 'Last-Event-ID: a seq is a whole number', {
    data: { errors: [{ place: 'header last-event-id', message: 'a seq is a whole number' }] },
  });
