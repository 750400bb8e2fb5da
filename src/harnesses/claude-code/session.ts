/** One live Claude Code: turns in, our events out; ended so that no process of it is left. */
import type { Content } from '../../domain/content.ts';
import type { SandboxProcess } from '../../sandbox/contract.ts';
import type { Gate, HarnessEvent, HarnessSession, ResumeState } from '../contract.ts';
import { pushed, type Pushed } from '../pushed.ts';
import { connectClient, type ClientHandlers } from './client.ts';
import { createLatches, type LatchOptions } from './latches.ts';
import type { NativeMessage } from './schema.ts';
import type { Transcript } from './transcript.ts';
import { itemId, leftovers, NO_MEMORY, translate, type Memory } from './translate.ts';

export interface LiveParts {
  readonly process: SandboxProcess;
  readonly transcript: Transcript;
  readonly toAction: LatchOptions['toAction'];
  readonly resume_state: ResumeState;
}

/** How long an interrupt may take to be polite, and a close to be clean. */
const INTERRUPT_MS = 3_000;
const CLOSE_MS = 5_000;
const HOOKS = { PreToolUse: [{ hookCallbackIds: ['gate'], timeout: 86_400, onFailure: 'block' }] };

export async function openSession({
  process: live,
  transcript,
  toAction,
  resume_state,
}: LiveParts): Promise<HarnessSession> {
  let memory: Memory = NO_MEMORY;
  let turn: { readonly events: Pushed<HarnessEvent>; readonly gate: Gate } | null = null;
  const latches = createLatches({
    toAction,
    itemOf: (id) => memory.tools[id] ?? itemId(id, 0),
    before: () => transcript.follow(),
  });
  const handlers: ClientHandlers = {
    request: (request) => latches.answer(request, turn?.gate ?? null),
    message: (message) => hear(message),
    unknown: (line) => warn('unknown_line', line.slice(0, 200)),
  };
  const client = connectClient(live, handlers);
  const exited = live.exited.then(({ code, signal }) =>
    crashed(`Claude Code ended (${signal ?? `exit ${code}`}). ${client.stderr()}`),
  );
  try {
    await client.control({ subtype: 'initialize', hooks: HOOKS });
  } catch (error) {
    await live.kill();
    throw error;
  }

  function hear(message: NativeMessage): void {
    const bypassed = passedBy(message, latches.wasAllowed);
    if (bypassed !== null) return void bypass(`Call ${bypassed} gave a result without an allow.`);
    const translated = translate(message, memory);
    memory = translated.memory;
    for (const event of translated.events) {
      if (event.kind === 'end') void finish(event);
      else turn?.events.push(event);
    }
    if (message.type === 'assistant' || message.type === 'user')
      transcript.follow().catch((error: unknown) => bypass(String(error)));
  }

  /** The turn is over when its transcript is safe. */
  async function finish(end: HarnessEvent & { kind: 'end' }): Promise<void> {
    try {
      await transcript.follow();
      if (!transcript.isUntouched()) return await bypass('The transcript was changed where it was written already.');
      end_(end);
    } catch (error) {
      await bypass(String(error));
    }
  }

  function end_(end: HarnessEvent & { kind: 'end' }): void {
    const ended = turn;
    turn = null;
    ended?.events.push(end);
    ended?.events.end();
  }

  function crashed(message: string): void {
    for (const event of leftovers(memory)) turn?.events.push(event);
    end_({ kind: 'end', end: { end: 'failed', code: 'harness_crashed', message } });
  }

  const warn = (code: string, text: string) =>
    turn?.events.push({
      kind: 'event',
      event: { type: 'harness.warned', key: `warned/${crypto.randomUUID()}`, data: { code, text } },
    });

  /** Whatever ran past the gate ends here. */
  async function bypass(what: string): Promise<void> {
    turn?.events.push({
      kind: 'event',
      event: { type: 'gate.bypassed', key: `bypassed/${crypto.randomUUID()}`, data: { what, evidence: resume_state } },
    });
    end_({ kind: 'end', end: { end: 'failed', code: 'gate_bypassed', message: what } });
    await live.kill();
  }

  return {
    async *runTurn({ content, note }, gate) {
      const events = pushed<HarnessEvent>();
      turn = { events, gate };
      client.say([...(note === null ? [] : [{ type: 'text', text: note }]), ...content.map(native)]);
      yield* events;
    },
    async steer(content) {
      if (!turn) return false;
      client.say(content.map(native));
      return true;
    },
    async interrupt() {
      if (turn)
        await Promise.race([client.control({ subtype: 'interrupt' }).catch(() => undefined), after(INTERRUPT_MS)]);
      await live.kill();
      await exited;
      await transcript.follow();
    },
    async suspend() {
      await live.kill();
      await exited;
      await transcript.follow();
      return resume_state;
    },
    async close() {
      client.endInput();
      await Promise.race([live.exited, after(CLOSE_MS)]);
      await live.kill();
      await exited;
      await transcript.follow();
    },
  };
}

/** A call that was run although nobody allowed it; results of calls that were not run say so. */
function passedBy(message: NativeMessage, wasAllowed: (id: string) => boolean): string | null {
  if (message.type !== 'user' || message.isReplay || typeof message.message.content === 'string') return null;
  const not_run = new Set(
    message.tool_result_meta?.filter(({ non_execution_kind }) => non_execution_kind).map(({ id }) => id),
  );
  const ran = message.message.content.filter(
    ({ type, tool_use_id, is_error }) =>
      type === 'tool_result' && tool_use_id && !is_error && !not_run.has(tool_use_id),
  );
  return ran.find(({ tool_use_id }) => !wasAllowed(tool_use_id ?? ''))?.tool_use_id ?? null;
}

function native(part: Content): Readonly<Record<string, unknown>> {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image', source: { type: 'base64', media_type: part.media_type, data: part.data } };
    case 'file':
      return { type: 'text', text: `File ${part.name}:\n${Buffer.from(part.data, 'base64').toString()}` };
  }
}

/** Resolves after a time; does not keep the process alive. */
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
