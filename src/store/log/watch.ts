/** Wakes whoever follows a log: at once for appends of this process and for pokes, else by looking at the heads. */
import type { Kysely } from 'kysely';
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { Tables } from '../tables.ts';

export interface Watchers extends Pick<EventLog, 'watch' | 'poke'> {
  /** Something was appended here. */
  appended(log_id: string, head_seq: number): void;
  close(): void;
}

interface Watched {
  /** Head of the log when its watchers were last woken; -1: not looked at yet. */
  seq: number;
  readonly wakes: Set<() => void>;
}

/** One timer for all of a process: it runs while somebody watches. */
export function createWatchers(read: Kysely<Tables>, every_ms: number): Watchers {
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;

  const ring = ({ wakes }: Watched): void => {
    for (const wake of [...wakes]) wake();
  };
  const reached = (log_id: string, seq: number): void => {
    const log = watched.get(log_id);
    if (!log || seq <= log.seq) return;
    log.seq = seq;
    ring(log);
  };

  async function look(log_ids: readonly string[]): Promise<void> {
    if (log_ids.length === 0) return;
    try {
      const heads = await read.selectFrom('head').select(['log_id', 'seq']).where('log_id', 'in', log_ids).execute();
      const seqs = new Map(heads.map(({ log_id, seq }) => [log_id, seq]));
      for (const log_id of log_ids) reached(log_id, seqs.get(log_id) ?? 0);
    } catch {
      for (const log of watched.values()) ring(log); // who reads now meets the error itself
    }
  }

  const lookOn = (): void => {
    timer ??= setTimeout(() => {
      void look([...watched.keys()]).finally(() => {
        timer = undefined;
        if (watched.size > 0) lookOn();
      });
    }, every_ms).unref();
  };

  return {
    watch(log_id, wake, signal) {
      if (signal.aborted) return;
      const log = watched.get(log_id) ?? { seq: -1, wakes: new Set() };
      const own = (): void => wake(); // the same function may watch twice
      log.wakes.add(own);
      log.seq = -1; // what was appended since this watcher read is unknown
      watched.set(log_id, log);
      signal.addEventListener(
        'abort',
        () => {
          log.wakes.delete(own);
          if (log.wakes.size === 0 && watched.get(log_id) === log) watched.delete(log_id);
        },
        { once: true },
      );
      lookOn();
    },
    poke: (log_id) => {
      if (watched.has(log_id)) void look([log_id]);
    },
    appended: reached,
    close() {
      clearTimeout(timer);
      watched.clear();
    },
  };
}
