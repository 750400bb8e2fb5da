/** One live player: plays the steps of a turn that are not over yet. */
import { textOf, type Content } from '../../domain/content.ts';
import { isTackError } from '../../domain/errors.ts';
import type { SandboxProcess } from '../../sandbox/contract.ts';
import type { Gate, GateAnswer, HarnessEvent, HarnessSession, StartRequest, TurnEnd, Usage } from '../contract.ts';
import { pushed } from '../pushed.ts';
import type { Player } from './player-link.ts';
import { stepsOf, type Step, type Tool } from './script.ts';
import { toAction, type Surroundings } from './to-action.ts';
import { readPast, type Line, type LoggedEvent } from './transcript.ts';

export interface ScriptedParts {
  readonly process: SandboxProcess;
  readonly player: Player;
  readonly script: string;
  readonly surroundings: Surroundings;
  readonly transcript: Uint8Array;
  readonly archive: StartRequest['archive'];
}

export function openSession({
  process,
  player,
  script,
  surroundings,
  transcript,
  archive,
}: ScriptedParts): HarnessSession {
  let written = transcript;
  const steers: (readonly Content[])[] = [];
  let wake = Promise.withResolvers<void>();

  async function write(line: Line): Promise<void> {
    const bytes = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    await archive(written.length, bytes);
    const longer = new Uint8Array(written.length + bytes.length);
    longer.set(written);
    longer.set(bytes, written.length);
    written = longer;
  }

  async function play(turn_id: string, gate: Gate, yields: (event: HarnessEvent) => void): Promise<TurnEnd> {
    const past = readPast(written, turn_id);
    let usage: Usage | null = null;
    for (const [n, step] of stepsOf(script, past.turns_before).entries()) {
      const ids = idsOf(turn_id, n);
      const over = past.over.get(n);
      const played = over
        ? { events: over, end: null }
        : past.unknown.has(n)
          ? { events: [unknownResult(ids)], end: null }
          : await one(step, { ids, gate, yields, starts: () => write({ turn_id, step: n, allowed: true }) });
      if (!over) await write({ turn_id, step: n, events: played.events });
      for (const event of played.events) yields({ kind: 'event', event });
      if (played.end) return played.end;
      if ('usage' in step) usage = { ...step.usage, cache_read: 0, cache_write: 0 };
    }
    return { end: 'completed', stop_reason: 'end_turn', usage };
  }

  async function one(step: Step, playing: Playing): Promise<Played> {
    const { ids, yields } = playing;
    if ('say' in step) {
      yields({ kind: 'frame', frame: { type: 'item.started', item_id: ids.item_id, kind: 'message' } });
      await player.obey({ order: 'say', words: step.say.split(/(?<=\s)/), word_ms: step.word_ms }, (delta) =>
        yields({ kind: 'frame', frame: { type: 'item.delta', item_id: ids.item_id, channel: 'text', delta } }),
      );
      return { events: [said(ids, step.say)], end: null };
    }
    if ('tool' in step) return call(step.tool, playing);
    if ('ask' in step) return question(step.ask, playing);
    if ('fail' in step) return { events: [], end: { end: 'failed', code: 'model_failed', message: step.fail } };
    if ('wait_s' in step) await player.obey({ order: 'wait', ms: step.wait_s * 1_000 });
    if ('wait_for' in step) await player.obey({ order: 'wait_for', path: step.wait_for });
    if ('steer_point' in step) return { events: [said(ids, `Steered: ${textOf(await nextSteer())}`)], end: null };
    if ('crash' in step) {
      await playing.starts();
      await player.obey({ order: 'crash', code: step.crash });
    }
    return { events: [], end: null };
  }

  async function call(tool: Tool, { ids, gate, starts }: Playing): Promise<Played> {
    const asOfNow = () => toAction(tool, surroundings);
    const { kind: name, ...input } = tool;
    const answer = await gate({ action: asOfNow(), asOfNow, name, input, ...ids });
    if (answer.effect === 'deny') return refused(answer, ids);
    await starts();
    const { output, is_error } = await player.obey({ order: 'tool', tool });
    return { events: [result(ids, output, { is_error })], end: null };
  }

  async function question(text: string, { ids, gate }: Playing): Promise<Played> {
    const input = { questions: [{ question: text }] };
    const action = { kind: 'question.ask', cwd: surroundings.cwd, questions: input.questions } as const;
    const answer = await gate({
      action: { ...action, questions: [...input.questions] },
      name: 'question.ask',
      input,
      ...ids,
    });
    if (answer.effect === 'deny') return refused(answer, ids);
    return { events: [result(ids, JSON.stringify(answer.input ?? null), { is_error: false })], end: null };
  }

  async function nextSteer(): Promise<readonly Content[]> {
    for (;;) {
      const steer = steers.shift();
      if (steer) return steer;
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  }

  const end = async () => {
    await process.kill();
    await process.exited;
  };
  return {
    async *runTurn({ turn_id }, gate) {
      const events = pushed<HarnessEvent>();
      const crashed = player.ended.then((how): TurnEnd => ({
        end: 'failed',
        code: 'harness_crashed',
        message: `The player ended (${how}).`,
      }));
      void Promise.race([play(turn_id, gate, events.push), crashed])
        .catch((error: unknown): TurnEnd => failureOf(error))
        .then((how) => {
          events.push({ kind: 'end', end: how });
          events.end();
        });
      yield* events;
    },
    async steer(content) {
      steers.push(content);
      wake.resolve();
      return true;
    },
    interrupt: end,
    async suspend() {
      await end();
      return {};
    },
    close: end,
  };
}

interface Ids {
  readonly item_id: string;
  readonly tool_use_id: string;
}
interface Playing {
  readonly ids: Ids;
  readonly gate: Gate;
  readonly yields: (event: HarnessEvent) => void;
  /** Written before the effect. */
  readonly starts: () => Promise<void>;
}
interface Played {
  readonly events: readonly LoggedEvent[];
  readonly end: TurnEnd | null;
}

/** The same step has the same ids on every attempt. */
function idsOf(turn_id: string, step: number): Ids {
  const tail = `${turn_id.slice(4)}s${step}`;
  return { item_id: `itm_${tail}`, tool_use_id: `call_${tail}` };
}

const said = ({ item_id }: Ids, text: string): LoggedEvent => ({
  type: 'agent.message',
  key: item_id,
  data: { item_id, content: [{ type: 'text', text }] },
});

function result({ item_id, tool_use_id }: Ids, text: string, more: Readonly<Record<string, unknown>>): LoggedEvent {
  const data = { item_id: `${item_id}r`, tool_use_id, content: [{ type: 'text', text }], truncated: false, ...more };
  return { type: 'agent.tool_result', key: `result/${tool_use_id}`, data };
}

const unknownResult = (ids: Ids): LoggedEvent =>
  result(ids, 'The session was interrupted while this ran: whether it took effect is unknown.', { is_error: true });

function refused({ reason, stop }: Extract<GateAnswer, { effect: 'deny' }>, ids: Ids): Played {
  return {
    events: [result(ids, reason, { is_error: true, not_run: 'denied' })],
    end: stop ? { end: 'interrupted' } : null,
  };
}

const failureOf = (error: unknown): TurnEnd => ({
  end: 'failed',
  code: isTackError(error) ? error.code : 'harness_protocol',
  message: error instanceof Error ? error.message : String(error),
});
