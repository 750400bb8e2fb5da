/** The worker's end of `frames.sock`: NDJSON to the server. Frames are dropped when nobody reads them, wake-ups wait. */
import { connect, type Socket } from 'node:net';
import type { Screens } from '../activities/ports.ts';
import type { FrameLine } from '../domain/wires/frames.ts';

const RETRY_MS = 250;
/** What may wait in the socket before frames are dropped. */
const SLOW_BYTES = 256 * 1024;

export function linkFrames(path: string): Screens & { end(): void } {
  const unsent = new Map<string, number>();
  let socket: Socket | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isOver = false;

  const isSlow = () => socket === undefined || socket.writableLength > SLOW_BYTES;
  const send = (line: FrameLine) => socket?.write(`${JSON.stringify(line)}\n`);

  function dial(): void {
    const dialled = connect(path);
    dialled.once('connect', () => {
      socket = dialled;
      wakeAll();
    });
    dialled.on('drain', wakeAll);
    dialled.on('error', () => undefined); // 'close' follows
    dialled.once('close', () => {
      socket = undefined;
      if (!isOver) retry = setTimeout(dial, RETRY_MS);
    });
    dialled.resume();
  }

  /** Of several wake-ups for one session the last one says it all. */
  function wakeAll(): void {
    for (const [session_id, head_seq] of unsent) {
      if (isSlow()) return;
      unsent.delete(session_id);
      send({ session_id, head_seq });
    }
  }

  dial();
  return {
    frame(session_id, frame) {
      if (!isSlow()) send({ session_id, frame });
    },
    wake(session_id, head_seq) {
      unsent.delete(session_id);
      unsent.set(session_id, head_seq);
      wakeAll();
    },
    end() {
      isOver = true;
      clearTimeout(retry);
      socket?.destroy();
    },
  };
}
