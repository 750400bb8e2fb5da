/** What one process says, as events of the turn in flight: nothing counts before a resume would know of it. */
import { isTackError, TackError } from '../../domain/errors.ts';
import type { Gate, HarnessEvent } from '../contract.ts';
import { passedBy } from './bypass.ts';
import { itemId } from './items.ts';
import { callsIn, resultsIn, type Mark } from './marks.ts';
import type { NativeMessage } from './schema.ts';
import type { Transcript } from './transcript.ts';
import { leftovers, NO_MEMORY, translate, type Memory } from './translate.ts';
import { openTurn, type TurnInFlight } from './turn.ts';

export interface Conversation {
  /** The turn in flight. */
  current(): TurnInFlight | null;
  /** `uuid`: of the message that begins it. */
  begin(uuid: string, gate: Gate): TurnInFlight;
  hear(message: NativeMessage): void;
  /** Says once what was not understood. */
  wonder(what: string): void;
  itemOf(tool_use_id: string): string;
  /** Resolves when the message of the turn is archived: before that no call may start. */
  heard(): Promise<void>;
  /** The process has ended, and its transcript is read to the end. */
  gone(last_words: string): Promise<void>;
}

export interface ConversationParts {
  readonly transcript: Transcript;
  readonly wasAllowed: (tool_use_id: string) => boolean;
  readonly proven_version: string;
  /** Something is wrong with it that ends the process. */
  readonly broken: () => void;
}

type Of<T extends NativeMessage['type']> = Extract<NativeMessage, { type: T }>;

export function createConversation({
  transcript,
  wasAllowed,
  proven_version,
  broken,
}: ConversationParts): Conversation {
  let memory: Memory = NO_MEMORY;
  let turn: TurnInFlight | null = null;
  let heard: Promise<boolean> = Promise.resolve(false);
  let isGone = false;
  const strange = new Set<string>();

  function hear(message: NativeMessage): void {
    const passed = passedBy(message, wasAllowed);
    if (passed !== null)
      return breakOff(
        new TackError('gate_bypassed', `The call ${passed} ran without an allow.`, { data: { tool_use_id: passed } }),
      );
    const translated = translate(message, memory, { proven: proven_version, wasAllowed });
    memory = translated.memory;
    const isSaid = message.type === 'assistant' || message.type === 'user';
    turn?.emit(translated.events.filter(isNoEnd), isSaid ? remembered(message) : undefined);
    for (const event of translated.events) if (event.kind === 'end') turn?.end(event.end, settled);
  }

  /** A sub-agent has a transcript of its own, which nobody resumes. */
  async function remembered(message: Of<'assistant'> | Of<'user'>): Promise<boolean> {
    const isMain = !message.parent_tool_use_id;
    if (isMain) for (const mark of callsIn(message)) transcript.holds(mark).catch(breakOff); // archived soon, waited for by nobody
    const all = await Promise.all([heard, ...(isMain ? resultsIn(message).map(keeps) : [])]);
    return all.every(Boolean);
  }

  /** False only when the process has ended without having written it: then nobody will remember it. */
  async function keeps(mark: Mark): Promise<boolean> {
    if (await transcript.holds(mark)) return true;
    if (!isGone) turn?.warn('transcript_late', `Claude Code has not written down ${mark} yet.`);
    return !isGone;
  }

  /** The turn is over when its transcript is safe. */
  async function settled(): Promise<void> {
    await transcript.follow();
    transcript.assertUntouched();
    turn = null;
  }

  function breakOff(error: unknown): void {
    const ended = turn;
    turn = null;
    ended?.fail({
      code: isTackError(error) ? error.code : 'harness_protocol',
      message: error instanceof Error ? error.message : String(error),
      evidence: (isTackError(error) && error.data) || {},
    });
    broken();
  }

  return {
    current: () => turn,
    hear,
    begin(uuid, gate) {
      heard = transcript.holds(`said:${uuid}`);
      heard.catch(breakOff);
      return (turn = openTurn(gate, breakOff));
    },
    wonder(what) {
      if (strange.has(what) || strange.size === STRANGE_MAX) return;
      strange.add(what);
      const more = strange.size === STRANGE_MAX ? ' (more of it is not told)' : '';
      turn?.warn('unknown_message', `Claude Code said what Tackroom does not know: ${what}${more}`);
    },
    itemOf: (id) => memory.tools[id]?.item_id ?? itemId(id, 0),
    async heard() {
      if (!(await heard)) throw new Error('The message of this turn is not archived.');
    },
    async gone(last_words) {
      isGone = true;
      await transcript.close().catch(breakOff);
      turn?.emit(leftovers(memory), heard);
      const crash = { end: 'failed', code: 'harness_crashed', message: last_words } as const;
      turn?.end(memory.result ?? crash, async () => void (turn = null));
      await turn?.over;
    },
  };
}

/** Any program beside it in the sandbox can write into its output, and each is an event of the log. */
const STRANGE_MAX = 20;

const isNoEnd = (event: HarnessEvent): boolean => event.kind !== 'end';
