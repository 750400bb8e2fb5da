/** The process and its protocol: lines in and out, requests answered under their id. No meaning here. */
import { TackError } from '../../domain/errors.ts';
import type { SandboxProcess } from '../../sandbox/contract.ts';
import { onLines } from '../lines.ts';
import type { Message } from './said.ts';
import { ControlRequest, ControlResponse, IGNORED, NativeMessage } from './schema.ts';

export interface ClientHandlers {
  readonly message: (message: NativeMessage) => void;
  /** Asked before a tool call runs, at either latch. The answer is sent as it is; a rejection is answered by an error, which blocks. */
  readonly request: (request: ControlRequest['request']) => Promise<Readonly<Record<string, unknown>>>;
  /** A line that is no message that we know: its type, or its beginning. */
  readonly unknown: (what: string) => void;
}

export interface Client {
  say(message: Message): void;
  /** Sends a control request; rejects when it is refused, or the process ends first. */
  control(request: Readonly<Record<string, unknown>>): Promise<void>;
  /** No more input: Claude Code ends by itself. */
  endInput(): void;
  /** The last words on stderr. */
  stderr(): string;
}

export function connectClient(process_: SandboxProcess, handlers: ClientHandlers): Client {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  let words = '';
  let requests = 0;
  const send = (message: unknown) =>
    void (process_.stdin.writable && process_.stdin.write(`${JSON.stringify(message)}\n`));
  process_.stdin.on('error', () => undefined); // the process is gone: its exit says more
  process_.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
  onLines(process_.stdout, receive, {
    endless() {
      words = 'It wrote a line without an end.';
      void process_.kill();
    },
  });
  void process_.exited.then(({ code, signal }) => {
    for (const { reject } of waiting.values())
      reject(new TackError('harness_crashed', `Claude Code ended (${signal ?? `exit ${code}`}). ${words.trim()}`));
    waiting.clear();
  });

  function receive(line: string): void {
    const parsed = parse(line);
    if (parsed === null) return handlers.unknown(line.slice(0, 100));
    const type = typeof parsed['type'] === 'string' ? parsed['type'] : '';
    if (IGNORED.includes(type)) return;
    if (type === 'control_response') return settle(parsed);
    if (type === 'control_request') return void answer(parsed);
    const message = NativeMessage.safeParse(parsed);
    if (message.success) handlers.message(message.data);
    else handlers.unknown(`a message of the type ${JSON.stringify(type)}`);
  }

  async function answer(parsed: Fields): Promise<void> {
    const request_id = String(parsed['request_id']);
    const known = ControlRequest.safeParse(parsed);
    try {
      if (!known.success) throw new Error('Tackroom does not know this request.');
      const response = await handlers.request(known.data.request);
      send({ type: 'control_response', response: { subtype: 'success', request_id, response } });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      send({ type: 'control_response', response: { subtype: 'error', request_id, error: text } });
    }
  }

  /** Our own answers come back as replays: their ids are not ours to wait for. */
  function settle(parsed: Fields): void {
    const known = ControlResponse.safeParse(parsed);
    if (!known.success) return handlers.unknown('an answer without an id');
    const { request_id, subtype, error } = known.data.response;
    const asked = waiting.get(request_id);
    waiting.delete(request_id);
    if (subtype === 'success') asked?.resolve();
    else asked?.reject(new TackError('harness_protocol', `Claude Code refused a control request: ${error ?? subtype}`));
  }

  return {
    say: ({ uuid, content }) =>
      send({ type: 'user', uuid, message: { role: 'user', content }, parent_tool_use_id: null, session_id: '' }),
    control(request) {
      const request_id = `tack-${++requests}`;
      const asked = Promise.withResolvers<void>();
      waiting.set(request_id, asked);
      send({ type: 'control_request', request_id, request });
      return asked.promise;
    },
    endInput: () => process_.stdin.end(),
    stderr: () => words.trim(),
  };
}

const LAST_WORDS = 4_000;

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null; // handed on as an unknown line
  }
}
