/** Waits for a state of the world that sends no event of its own (a process list, a file): looks again and again, with a deadline that fails the test. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeout_ms = 120_000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeout_ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${timeout_ms} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
