/** A worker's ports without one guard, each taken out where the product asks for it; every other one stays. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActivityPorts } from '../../../src/activities/index.ts';
import type { EventLog } from '../../../src/domain/ports/event-log.ts';
import type { Archive } from '../../../src/domain/ports/records.ts';
import type { Guard } from './guards.ts';
import { outliving } from './outliving.ts';

export function without(guard: Guard, ports: ActivityPorts): ActivityPorts {
  const { log } = ports;
  const appending = (append: EventLog['append']): ActivityPorts => ({ ...ports, log: { ...log, append } });
  switch (guard) {
    case 'epoch': // whoever was overtaken writes on: an append without an epoch is refused by nobody
      return {
        ...appending((id, _epoch, key, events) => log.append(id, null, key, events)),
        archive: unfenced(ports),
      };
    case 'dedupe': // what is said twice stands there twice: no key is known
      return appending((id, epoch, key, events) => log.append(id, epoch, `${key}#${crypto.randomUUID()}`, events));
    case 'grant': // nothing says that a grant for once was used
      return appending((id, epoch, key, events) =>
        log.append(
          id,
          epoch,
          key,
          events.filter(({ type }) => type !== 'grant.used'),
        ),
      );
    case 'outbox':
      return appending(acknowledgedFirst(log));
    case 'fence': // what a dead worker started lives on
      return { ...ports, sandbox: (kind) => outliving(ports.sandbox(kind)) };
  }
}

/** Under the epoch of whoever holds the session by now. */
function unfenced({ archive, leases }: ActivityPorts): Archive {
  const newest = async (session_id: string, own: number): Promise<number> =>
    (await leases.held()).find((lease) => lease.session_id === session_id)?.epoch ?? own;
  return {
    ...archive,
    appendTranscript: async (id, epoch, offset, bytes) =>
      archive.appendTranscript(id, await newest(id, epoch), offset, bytes),
    saveResume: async (id, epoch, state) => archive.saveResume(id, await newest(id, epoch), state),
  };
}

/** The machine's events count as written before they are, so its decisions take effect before they stand in the log. */
function acknowledgedFirst(log: EventLog): EventLog['append'] {
  let last: Promise<unknown> = Promise.resolve();
  return async (id, epoch, key, events) => {
    if (epoch !== null) return log.append(id, epoch, key, events);
    const { seq, hash } = await log.head(id);
    last = last.then(() => insisting(() => log.append(id, epoch, key, events)));
    return { first_seq: seq + 1, head_seq: seq + events.length, head_hash: hash };
  };
}

async function insisting(write: () => Promise<unknown>): Promise<void> {
  for (;;)
    try {
      await write();
      return;
    } catch {
      await sleep(100); // as the workflow would: until it is written
    }
}
