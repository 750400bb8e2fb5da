/** How many bytes, for people: `1.4 MB`. Pure. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function inBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const amount = bytes / 1000 ** power;
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[power]}`;
}
