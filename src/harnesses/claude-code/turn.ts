/** One turn in flight: what it yields, in its order, and each thing only when a resume would know of it. */
import type { ErrorCode } from '../../domain/errors.ts';
import type { Gate, HarnessEvent, TurnEnd } from '../contract.ts';
import { pushed } from '../pushed.ts';

export interface TurnInFlight {
  readonly gate: Gate;
  readonly events: AsyncIterable<HarnessEvent>;
  /** Resolves when it has ended. */
  readonly over: Promise<void>;
  /** After everything before it, and when `ready` says true; false drops it: it is as if it had not happened. */
  emit(events: readonly HarnessEvent[], ready?: Promise<boolean>): void;
  /** At once. */
  warn(code: string, text: string): void;
  /** Ends it after everything before, when `check` agrees. */
  end(end: TurnEnd, check: () => Promise<void>): void;
  /** Ends it now. */
  fail(error: { readonly code: ErrorCode; readonly message: string; readonly evidence: unknown }): void;
}

/** `broken` hears of a `ready` or a `check` that throws. */
export function openTurn(gate: Gate, broken: (error: unknown) => void): TurnInFlight {
  const events = pushed<HarnessEvent>();
  const over = Promise.withResolvers<void>();
  let isOver = false;
  let tail: Promise<void> = Promise.resolve();

  const push = (event: HarnessEvent) => void (isOver || events.push(event));
  const stop = (end: TurnEnd) => {
    if (isOver) return;
    push({ kind: 'end', end });
    isOver = true;
    events.end();
    over.resolve();
  };
  const then = (step: () => Promise<void>) => void (tail = tail.then(step).catch(broken));

  return {
    gate,
    events,
    over: over.promise,
    emit(list, ready) {
      ready?.catch(() => undefined); // heard when its time has come
      then(async () => {
        if ((await ready) ?? true) list.forEach(push);
      });
    },
    warn: (code, text) => push(warning(code, text)),
    end: (end, check) =>
      then(async () => {
        await check();
        stop(end);
      }),
    fail({ code, message, evidence }) {
      if (code === 'gate_bypassed')
        push({
          kind: 'event',
          event: { type: 'gate.bypassed', key: `bypassed/${crypto.randomUUID()}`, data: { what: message, evidence } },
        });
      stop({ end: 'failed', code, message });
    },
  };
}

export const warning = (code: string, text: string, id: string = crypto.randomUUID()): HarnessEvent => ({
  kind: 'event',
  event: { type: 'harness.warned', key: `warned/${code}/${id}`, data: { code, text } },
});
