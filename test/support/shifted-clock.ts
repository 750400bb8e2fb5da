/**
 * Loaded into our programs by NODE_OPTIONS: their wall clock is off by as many milliseconds as the file says whose name is in
 * TACK_TEST_CLOCK, from the moment that it says so. What measures spans (performance.now, timers) is not, as when a person sets the clock.
 */
import { readFileSync } from 'node:fs';

const file = process.env['TACK_TEST_CLOCK'] ?? '';
const Real = Date;
let shift = 0;
let looked = -1_000;

function now(): number {
  if (performance.now() - looked > 20) {
    looked = performance.now();
    shift = Number(readFileSync(file, 'utf8'));
  }
  return Real.now() + shift;
}

globalThis.Date = new Proxy(Real, {
  apply: () => new Real(now()).toString(),
  construct: (target, args: readonly unknown[], as) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, as) as object,
  get: (target, name, as): unknown => (name === 'now' ? now : Reflect.get(target, name, as)),
});
