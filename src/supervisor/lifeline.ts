/** The line between the supervisor and a role: the role says `ready` on it, and ends when the other end is gone. */
import { Socket } from 'node:net';

export interface Lifeline {
  /** Tells the supervisor that the role works. */
  ready(): void;
  /** Tells it what the role's next process should be started with; one line. Without a line nobody keeps it. */
  keep(text: string): void;
}

/** Holds the line. `gone` is called once, when the supervisor has ended; without a line (a role started alone) never. */
export function holdLifeline(fd: number | null, gone: () => void): Lifeline {
  if (fd === null) return { ready: () => undefined, keep: () => undefined };
  const line = new Socket({ fd, readable: true, writable: true });
  line.on('error', gone).on('end', gone).resume();
  line.unref(); // a role that has stopped ends, also while the supervisor lives
  return { ready: () => void line.write('ready\n'), keep: (text) => void line.write(`${text}\n`) };
}
