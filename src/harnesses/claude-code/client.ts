/** The process and its protocol: lines in and out, requests answered under their id. No meaning here. */
import { TackError } from '../../domain/errors.ts';
import type { SandboxProcess } from '../../sandbox/contract.ts';
import { onLines } from '../lines.ts';
import { ControlRequest, ControlResponse, NativeMessage } from './schema.ts';

export interface ClientHandlers {
  readonly message: (message: NativeMessage) => void;
  /** Asked before a tool call runs, at either latch. The answer is sent as it is; a rejection is answered by an error, which blocks. */
  readonly request: (request: ControlRequest['request']) => Promise<Readonly<Record<string, unknown>>>;
  /** A line that is no message that we know. */
  readonly unknown: (line: string) => void;
}

export interface Client {
  say(content: readonly unknown[]): void;
  /** Sends a control request; rejects when it is refused, or the process ends first. */
  control(request: Readonly<Record<string, unknown>>): Promise<void>;
  /** No more input: Claude Code ends by itself. */
  endInput(): void;
  /** The last words on stderr. */
  stderr(): string;
}

export function connectClient(process_: SandboxProcess, handlers: ClientHandlers): Client {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const words: string[] = [];
  let requests = 0;
  const send = (message: unknown) =>
    void (process_.stdin.writable && process_.stdin.write(`${JSON.stringify(message)}\n`));
  process_.stdin.on('error', () => undefined); // the process is gone: its exit says more
  process_.stderr.on('data', (chunk: Buffer) => {
    words.push(chunk.toString());
    while (words.join('').length > 4000 && words.length > 1) words.shift();
  });
  onLines(process_.stdout, (line) => receive(line));
  void process_.exited.then(({ code, signal }) => {
    for (const { reject } of waiting.values())
      reject(new TackError('harness_crashed', `Claude Code ended (${signal ?? code}). ${words.join('').trim()}`));
  });

  function receive(line: string): void {
    const parsed = parse(line);
    const response = ControlResponse.safeParse(parsed);
    if (response.success) return settle(response.data);
    const request = ControlRequest.safeParse(parsed);
    if (request.success) return void answer(request.data);
    if (isRequest(parsed)) return refuse(parsed.request_id, 'Tackroom does not know this request.');
    const message = NativeMessage.safeParse(parsed);
    if (message.success) handlers.message(message.data);
    else handlers.unknown(line);
  }

  async function answer({ request_id, request }: ControlRequest): Promise<void> {
    try {
      const response = await handlers.request(request);
      send({ type: 'control_response', response: { subtype: 'success', request_id, response } });
    } catch (error) {
      refuse(request_id, error instanceof Error ? error.message : String(error));
    }
  }

  const refuse = (request_id: string, error: string) =>
    send({ type: 'control_response', response: { subtype: 'error', request_id, error } });

  /** Our own answers come back as replays: their ids are not ours to wait for. */
  function settle({ response: { request_id, subtype, error } }: ControlResponse): void {
    const asked = waiting.get(request_id);
    if (!asked) return;
    waiting.delete(request_id);
    if (subtype === 'success') asked.resolve();
    else asked.reject(new TackError('harness_protocol', `Claude Code refused a control request: ${error ?? subtype}`));
  }

  return {
    say: (content) =>
      send({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null, session_id: '' }),
    control(request) {
      const request_id = `tack-${++requests}`;
      const asked = Promise.withResolvers<void>();
      waiting.set(request_id, asked);
      send({ type: 'control_request', request_id, request });
      return asked.promise;
    },
    endInput: () => process_.stdin.end(),
    stderr: () => words.join('').trim(),
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // handed on as an unknown line
  }
}

type ControlResponse = import('zod').infer<typeof ControlResponse>;

const isRequest = (value: unknown): value is { readonly request_id: string } =>
  typeof value === 'object' &&
  value !== null &&
  (value as { type?: unknown }).type === 'control_request' &&
  typeof (value as { request_id?: unknown }).request_id === 'string';
