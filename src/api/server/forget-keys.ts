/** Idempotency-Keys are forgotten after a day: at the start of the server, and each hour. */
import type { Logger } from 'pino';
import type { Records } from '../../domain/ports/records.ts';
import { forgetBefore } from './idempotency.ts';

const EVERY_MS = 3_600_000;

interface Parts {
  readonly records: Pick<Records, 'forgetKeys'>;
  readonly now: () => string;
  readonly logger: Logger;
}

/** Until aborted. A store that is away now is asked again an hour later. */
export function forgetKeys({ records, now, logger }: Parts, signal: AbortSignal): void {
  const look = (): void =>
    void records.forgetKeys(forgetBefore(now())).then(
      (keys) => logger.info({ keys }, 'idempotency.forgotten'),
      (err: unknown) => logger.warn({ err }, 'idempotency.kept'),
    );
  const timer = setInterval(look, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  look();
}
