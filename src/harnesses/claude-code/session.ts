/** One live Claude Code: turns in, our events out; ended so that no process of it is left. */
import { TackError } from '../../domain/errors.ts';
import type { SandboxProcess } from '../../sandbox/contract.ts';
import type { HarnessSession } from '../contract.ts';
import { connectClient, type Client } from './client.ts';
import { createConversation } from './conversation.ts';
import { createLatches, type LatchOptions } from './latches.ts';
import { messageOf } from './said.ts';
import type { Transcript } from './transcript.ts';
import type { Voice } from './voice.ts';

export interface LiveParts {
  readonly process: SandboxProcess;
  readonly transcript: Transcript;
  readonly voice: Voice;
  readonly toAction: LatchOptions['toAction'];
  /** Where the shell begins. */
  readonly work: string;
  readonly instructions: string | null;
  readonly proven_version: string;
}

/** How long a start may take, an interrupt to be polite, a suspend to be remembered, and a close to be clean. */
const START_MS = 60_000;
const INTERRUPT_MS = 3_000;
const SUSPEND_MS = 1_000;
const CLOSE_MS = 1_000;
/** Longer than any turn: when it is over, a call that waits does not run. */
const HOOK_TIMEOUT_S = 86_400;

export async function openSession(parts: LiveParts): Promise<HarnessSession> {
  const { process: live, transcript, voice } = parts;
  const latches = createLatches({
    toAction: parts.toAction,
    itemOf: (id) => conversation.itemOf(id),
    before: () => conversation.heard(),
  });
  const conversation = createConversation({
    transcript,
    wasAllowed: latches.wasAllowed,
    proven_version: parts.proven_version,
    broken: () => void live.kill(),
  });
  const client = connectClient(live, {
    request: (request) => latches.answer(request, conversation.current()?.gate ?? null),
    message: conversation.hear,
    unknown: conversation.wonder,
  });
  const exited = live.exited.then(({ code, signal }) =>
    conversation.gone(`Claude Code ended (${signal ?? `exit ${code}`}). ${client.stderr()}`.trim()),
  );
  const end = async () => {
    await live.kill();
    await exited;
  };
  await greet(client, parts).catch(async (error: unknown) => {
    await end();
    throw error;
  });

  return {
    async *runTurn(request, gate) {
      const said = await voice.begin(request);
      const { events } = conversation.begin(said.uuid, gate);
      client.say(said);
      yield* events;
    },
    async steer(content) {
      if (!conversation.current()) return false;
      const steer = await voice.steer(content);
      if (!steer) return false;
      client.say(messageOf(steer.uuid, steer.content));
      return true;
    },
    async interrupt() {
      const turn = conversation.current();
      if (turn)
        await Promise.race([
          client.control({ subtype: 'interrupt' }).then(
            () => turn.over,
            () => undefined,
          ),
          after(INTERRUPT_MS),
        ]);
      await end();
    },
    async suspend() {
      const pending = latches.open().map((id) => transcript.holds(`call:${id}`));
      await Promise.race([Promise.allSettled(pending), after(SUSPEND_MS)]);
      await end();
      transcript.assertUntouched();
      const cwd = latches.cwd();
      return voice.state(cwd === parts.work ? undefined : cwd);
    },
    async close() {
      client.endInput();
      await Promise.race([live.exited, after(CLOSE_MS)]);
      await end();
    },
  };
}

/** Without the hook and the second latch of the command line there is no gate: nothing is said before it stands. */
async function greet(client: Client, { instructions }: LiveParts): Promise<void> {
  const hooks = { PreToolUse: [{ hookCallbackIds: ['gate'], timeout: HOOK_TIMEOUT_S, onFailure: 'block' }] };
  const hello = { subtype: 'initialize', hooks, ...(instructions !== null && { appendSystemPrompt: instructions }) };
  const answered = await Promise.race([client.control(hello).then(() => true), after(START_MS)]);
  if (!answered) throw new TackError('harness_protocol', `Claude Code did not answer for ${START_MS / 1_000} s.`);
}

/** Resolves after a time; does not keep the process alive. */
const after = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
