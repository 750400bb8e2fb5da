/** Saying something to a session, and stopping it. */
import type { Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import type { ServerParts } from '../parts.ts';
import { said } from '../said.ts';

type Rows = Pick<Handlers['sessions'], 'send' | 'interrupt' | 'close' | 'noteWork'>;

export function messageHandlers(parts: ServerParts): Rows {
  const { engine } = parts;
  return {
    async send({ params: { session_id }, body, key, actor, via }) {
      const { record } = await requireSession(parts, session_id);
      const client_id = body.client_id ?? key;
      const message = await said(parts, { session_id, client_id, content: body.content }, { actor, via });
      const { turn_id } = await engine.say(record, body.delivery, message);
      return { object: 'message', session_id, turn_id, client_id, turn: null };
    },
    async interrupt({ params: { session_id }, body, key, actor, via }) {
      await requireSession(parts, session_id);
      const { stopped } = await engine.interrupt(
        session_id,
        { actor, via, ...(body.reason !== undefined && { reason: body.reason }) },
        key,
      );
      return { object: 'interrupt', session_id, stopped };
    },
    async close({ params: { session_id }, body, key, actor, via }) {
      await requireSession(parts, session_id);
      await engine.close(session_id, { actor, via, ...(body.reason !== undefined && { reason: body.reason }) }, key);
      return { object: 'close', session_id, closed: true };
    },
    async noteWork({ params: { session_id }, body, key, actor, via }) {
      await requireSession(parts, session_id);
      await engine.noteWork(session_id, { ...body, actor, via }, key);
      return { object: 'work', session_id, noted: true };
    },
  };
}
