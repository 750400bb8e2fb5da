/** How long ago something was, in one unit: `3m`. Pure: now comes in. */
const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

export function ageOf(iso: string, now_ms: number): string {
  const seconds = Math.max(0, Math.floor((now_ms - Date.parse(iso)) / 1_000));
  const [unit, length] = UNITS.find(([, size]) => seconds >= size) ?? ['s', 1];
  return `${Math.floor(seconds / length)}${unit}`;
}
