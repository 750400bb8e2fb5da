/** A client of an SSE stream that shares nothing with ours: `node:http`, the rules of the WHATWG, and everything that it heard. */
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface RawMessage {
  readonly id: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RawStream {
  readonly url: string;
  readonly token: string;
  /** False: it says nothing of what it heard before. */
  readonly resumes: boolean;
  readonly isEnough: (heard: readonly RawMessage[]) => boolean;
}

/** Connects again and again, by `Last-Event-ID`, until it has heard enough. Nothing is left out: what comes twice is in the list twice. */
export async function hearRaw(stream: RawStream): Promise<readonly RawMessage[]> {
  const heard: RawMessage[] = [];
  while (!stream.isEnough(heard)) {
    await connection(stream, heard);
    await pause(20);
  }
  return heard;
}

/** Resolves however the connection ends: refused, cut amid a message, or because enough was heard. */
function connection({ url, token, resumes, isEnough }: RawStream, heard: RawMessage[]): Promise<void> {
  return new Promise((resolve) => {
    const last = heard.findLast(({ id }) => id !== null)?.id;
    const asked = request(url, {
      agent: false,
      headers: { authorization: `Bearer ${token}`, ...(resumes && last && { 'last-event-id': last }) },
    });
    asked.on('error', () => {}).on('close', resolve);
    asked.on('response', (response) => {
      let rest = '';
      response.setEncoding('utf8').on('error', () => {});
      response.on('data', (text: string) => {
        const messages = (rest + text).split('\n\n');
        rest = messages.pop() ?? ''; // a message without its empty line was not said
        for (const message of messages) if (/^data: /m.test(message)) heard.push(read(message));
        if (isEnough(heard)) asked.destroy();
      });
    });
    asked.end();
  });
}

function read(message: string): RawMessage {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? null;
  return { id: field('id'), data: JSON.parse(field('data') ?? 'null') as RawMessage['data'] };
}
