/** A call that a passing trouble refused is made again under the key of the first try: said twice, it is done once. */
import type { CallOptions } from '../../api/contract/client-type.ts';
import { isTackError, type ErrorCode } from '../../domain/errors.ts';

const PASSING: readonly ErrorCode[] = ['server_unreachable', 'engine_unavailable', 'session_rolling'];

export interface Patience {
  /** How long it is tried (ms). */
  readonly within_ms?: number;
  /** Told once, when the first try has failed. */
  readonly onTrouble?: () => void;
}

/** Throws the last refusal when the time is over, and any other at once. */
export async function patiently<T>(
  call: (options: CallOptions) => Promise<T>,
  { within_ms = 20_000, onTrouble }: Patience = {},
): Promise<T> {
  const options = { idempotency_key: crypto.randomUUID() };
  const deadline = performance.now() + within_ms;
  for (let tries = 0; ; tries++)
    try {
      return await call(options);
    } catch (error) {
      if (!isTackError(error) || !PASSING.includes(error.code) || performance.now() > deadline) throw error;
      if (tries === 0) onTrouble?.();
      await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** tries, 1_000)));
    }
}
