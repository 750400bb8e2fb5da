/** A span of time up to now, as people type it. Pure. */
import { TackError } from '../domain/errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `7d`, `12h`, `30m`, `2w`. Anything else: `usage_invalid`. */
export function agoOf(said: string, now_ms: number): Date {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(said) ?? [];
  const unit_ms = UNITS_MS[unit];
  if (count === undefined || unit_ms === undefined)
    throw new TackError('usage_invalid', `--since: ${JSON.stringify(said)} is not a time such as 30m, 12h, 7d or 2w.`);
  return new Date(now_ms - Number(count) * unit_ms);
}
