/** `run/frames.sock`: workers send frames and wake-ups as NDJSON lines. */
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { EventLog } from '../../../domain/ports/event-log.ts';
import { FrameLine } from '../../../domain/wires/frames.ts';
import type { FrameHub } from './frame-hub.ts';

/** A longer line is no frame. */
const LINE_MAX_CHARS = 4_000_000;

export interface FramesSocket {
  close(): Promise<void>;
}

interface Parts {
  readonly hub: Pick<FrameHub, 'publish' | 'appended'>;
  readonly log: Pick<EventLog, 'poke'>;
  readonly logger: Logger;
}

/** Listens at `path`; a socket that a dead server left there is replaced. */
export async function listenForFrames(path: string, { hub, log, logger }: Parts): Promise<FramesSocket> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_MAX_CHARS) return void socket.destroy(new Error('a line without an end'));
      for (const line of lines) if (line !== '') take(line);
    });
    socket.on('error', (err) => logger.warn({ err }, 'frames.cut'));
    socket.on('close', () => open.delete(socket));
  });

  /** A line that we do not know is left out: frames are best effort, and a newer worker may say more. */
  const take = (text: string): void => {
    const line = FrameLine.safeParse(parsed(text));
    if (!line.success) return logger.warn({ chars: text.length }, 'frames.unknown');
    if ('frame' in line.data) return hub.publish(line.data.session_id, line.data.frame);
    hub.appended(line.data.session_id, line.data.head_seq);
    log.poke(line.data.session_id);
  };

  await rm(path, { force: true });
  await listening(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}
