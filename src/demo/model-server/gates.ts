/** Gates that a request waits at until a test opens them: no test sleeps. */
export interface Gates {
  /** Waits at the gate; resolves when it is released, or the client went away. */
  wait(gate: string, gone: AbortSignal): Promise<void>;
  /** Resolves when requests have come to the gate this often. */
  reached(gate: string, times?: number): Promise<void>;
  release(gate: string): void;
  /** Closes it again for the requests to come. */
  shut(gate: string): void;
}

export function createGates(): Gates {
  const open = new Set<string>();
  const here = new Map<string, number>();
  let listeners: (() => void)[] = [];
  const changed = () => {
    const told = listeners;
    listeners = [];
    for (const tell of told) tell();
  };
  const until = async (holds: () => boolean, gone?: AbortSignal): Promise<void> => {
    gone?.addEventListener('abort', changed, { once: true });
    while (!holds() && !gone?.aborted) await new Promise<void>((resolve) => listeners.push(resolve));
  };
  return {
    async wait(gate, gone) {
      here.set(gate, (here.get(gate) ?? 0) + 1);
      changed();
      await until(() => open.has(gate), gone);
    },
    reached: (gate, times = 1) => until(() => (here.get(gate) ?? 0) >= times),
    release(gate) {
      open.add(gate);
      changed();
    },
    shut: (gate) => void open.delete(gate),
  };
}
