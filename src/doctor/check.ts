/** One look at this machine: what was found, and what mends it. */
export interface Check {
  readonly check: string;
  /** `warning`: the rest works without it. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly found: string;
  /** The one command that mends it, or the one thing to do; null: nothing to mend. */
  readonly fix: string | null;
}

/** Looks, and never throws for what it looks at. */
export type Look = () => Promise<readonly Omit<Check, 'check'>[]>;

export const ok = (found: string): Omit<Check, 'check'> => ({ state: 'ok', found, fix: null });
export const warning = (found: string, fix: string): Omit<Check, 'check'> => ({ state: 'warning', found, fix });
export const failed = (found: string, fix: string): Omit<Check, 'check'> => ({ state: 'failed', found, fix });
