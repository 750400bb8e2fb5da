/** What an oracle saw that must not be. Each oracle stands outside our code. */
import { until } from '../support/until.ts';

export const ORACLES = ['model server', 'effects file', 'log on disk', 'git', 'ps'] as const;
export type Oracle = (typeof ORACLES)[number];

export interface Violation {
  readonly oracle: Oracle;
  readonly what: string;
}

/** A finding that ends its round, and no failure of the measurement. */
export class Violated extends Error {
  readonly violation: Violation;
  constructor(violation: Violation) {
    super(violation.what);
    this.violation = violation;
  }
}

/** Longer than a session may stand still on a machine that is busy with others. */
const PATIENCE_MS = 90_000;

/** Resolves with what the oracle sees in the end; throws `Violated`. What the look itself throws is seen at once. */
export async function expectSoon<T>(oracle: Oracle, what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  let failure: unknown;
  try {
    return await until(
      what,
      async () => {
        try {
          return await look();
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      PATIENCE_MS,
    );
  } catch (error) {
    throw new Violated({
      oracle,
      what: error === failure ? String(error) : `In vain for ${PATIENCE_MS / 1000} s: ${what}`,
    });
  }
}
