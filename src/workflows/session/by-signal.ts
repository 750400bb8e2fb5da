/** What comes by Signal was typed by ops, and may be anything. Who they are and what grant comes of their decision is not theirs to say. */
import { DECISIONS } from '../../domain/approval/words.ts';
import type { SessionEvent } from '../../domain/session/event.ts';
import type { Command } from '../../domain/session/command.ts';
import { pool } from './activities.ts';
import type { DecideBySignal } from './messages.ts';

export const OPERATOR = { actor: { type: 'operator', id: 'operator' }, via: 'signal' } as const;

/** A parent says who it is; who says nothing is the operator. What is no object is nobody's, and so refused. */
export function bySignal<T extends object>(payload: T | undefined): T & Readonly<Record<'actor' | 'via', unknown>> {
  const isObject = typeof payload === 'object' && !Array.isArray(payload);
  return (isObject || payload === undefined ? { ...OPERATOR, ...payload } : { actor: null, via: null }) as never;
}

/** What was typed by hand may be anything. */
export function isDecision(payload: unknown): payload is DecideBySignal {
  const { approval_id, digest, decision } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  return typeof approval_id === 'string' && typeof digest === 'string' && DECISIONS.some((word) => word === decision);
}

export function notADecision(payload: unknown): SessionEvent {
  const message = `A decision has approval_id, digest and one of: ${DECISIONS.join(', ')}. Got: ${quoted(payload)}`;
  return {
    type: 'error.raised',
    turn_id: null,
    ...OPERATOR,
    data: { code: 'decision_invalid', message, retryable: false },
  };
}

/** Nested deep enough, not even JSON writes it down; and what a handler throws holds up the session for good. */
function quoted(payload: unknown): string {
  try {
    return JSON.stringify(payload)?.slice(0, 300);
  } catch {
    return 'what cannot be written down.';
  }
}

/** Words typed as plain text are kept outside of the log's rows, like those of every other answer. */
export async function decisionBySignal(
  { approval_id, digest, decision, pattern, message }: DecideBySignal,
  now: () => string,
): Promise<Command<'decide_approval'>> {
  const words = typeof message === 'string' ? await pool.keepText({ text: message }) : message;
  return {
    type: 'decide_approval',
    at: now(),
    approval_id,
    digest,
    decision,
    ...(pattern && { pattern }),
    ...(words && { message: words }),
    grant_id: `grt_${approval_id.slice('apr_'.length)}`, // decided once, so one grant
    ...OPERATOR,
  };
}
