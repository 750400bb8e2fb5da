/**
 * The two latches of one process: the hook decides, `can_use_tool` repeats its answer. Every answer is explicit: an empty one
 * would not block. A hook that asks twice asks about two calls: ids are the model's, and not every model's are different.
 */
import type { Action } from '../../domain/action/schema.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Gate, GateAnswer } from '../contract.ts';
import type { ControlRequest } from './schema.ts';
import type { ToolCall } from './to-action.ts';

type Input = Readonly<Record<string, unknown>>;
interface Asked extends ToolCall {
  readonly tool_use_id: string;
  readonly by_hook: boolean;
  readonly by_sub_agent: boolean;
}
interface Answered {
  readonly answer: GateAnswer;
  /** What may run: the input that was asked about, with a person's answers in it. */
  readonly input: Input;
  /** Either input is this call: Claude Code asks again with the one or the other. */
  readonly covers: readonly string[];
}

export interface Latches {
  answer(request: ControlRequest['request'], gate: Gate | null): Promise<Readonly<Record<string, unknown>>>;
  /** Whether this call was allowed: what ran without it went past the gate. */
  wasAllowed(tool_use_id: string): boolean;
  /** Calls of the main conversation that wait for their answer. */
  open(): readonly string[];
  /** Where the shell of the main conversation stood at its last call. */
  cwd(): string | undefined;
}

export interface LatchOptions {
  readonly toAction: (call: ToolCall) => Action;
  readonly itemOf: (tool_use_id: string) => string;
  /** Before a call may start, what it belongs to must be in the archive. */
  readonly before: () => Promise<void>;
}

export function createLatches({ toAction, itemOf, before }: LatchOptions): Latches {
  const answered = new Map<string, Answered>();
  const open = new Set<string>();
  let cwd: string | undefined;

  async function judge(call: Asked, gate: Gate | null): Promise<Answered> {
    const { tool_use_id, name, input } = call;
    if (gate === null) return answeredBy(input, { effect: 'deny', reason: 'No turn is running.' });
    const known = answered.get(tool_use_id);
    if (!call.by_hook && known?.covers.includes(canonicalJson(input))) return known;
    const answer = await before()
      .then(() => {
        const asOfNow = () => toAction(call);
        return gate({ action: asOfNow(), asOfNow, tool_use_id, name, input, item_id: itemOf(tool_use_id) });
      })
      .catch((error: unknown): GateAnswer => ({
        effect: 'deny',
        reason: `Tackroom could not judge this call: ${error instanceof Error ? error.message : String(error)}`,
      }));
    const given = answeredBy(input, answer);
    answered.set(tool_use_id, given);
    return given;
  }

  async function held(call: Asked, gate: Gate | null): Promise<Answered> {
    if (!call.by_sub_agent) {
      open.add(call.tool_use_id);
      cwd = call.cwd ?? cwd;
    }
    try {
      return await judge(call, gate);
    } finally {
      open.delete(call.tool_use_id);
    }
  }

  return {
    wasAllowed: (tool_use_id) => answered.get(tool_use_id)?.answer.effect === 'allow',
    open: () => [...open],
    cwd: () => cwd,
    async answer(request, gate) {
      const given = await held(callOf(request), gate);
      if (request.subtype === 'hook_callback') return hookWords(given);
      const { answer, input } = given;
      if (answer.effect === 'allow') return { behavior: 'allow', updatedInput: input };
      return { behavior: 'deny', message: answer.reason, interrupt: answer.stop ?? false };
    },
  };
}

function callOf(request: ControlRequest['request']): Asked {
  const by_hook = request.subtype === 'hook_callback';
  const { tool_use_id, agent_id } = by_hook ? request.input : request;
  const by = { tool_use_id, by_hook, by_sub_agent: agent_id != null };
  if (!by_hook) return { ...by, name: request.tool_name, input: request.input };
  const { tool_name: name, tool_input: input, cwd } = request.input;
  return { ...by, name, input, ...(cwd && { cwd }) };
}

function answeredBy(asked: Input, answer: GateAnswer): Answered {
  const input = answer.effect === 'allow' && answer.input !== undefined ? withAnswer(asked, answer.input) : asked;
  return { answer, input, covers: [canonicalJson(asked), canonicalJson(input)] };
}

function hookWords({ answer, input }: Answered): Readonly<Record<string, unknown>> {
  const words =
    answer.effect === 'deny'
      ? { permissionDecision: 'deny', permissionDecisionReason: answer.reason }
      : { permissionDecision: 'allow', ...(answer.input !== undefined && { updatedInput: input }) };
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', ...words } };
}

/** A person's answers go beside the questions. */
function withAnswer(input: Input, answer: unknown): Input {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return { ...input, answers: answer };
  const questions = (Array.isArray(input['questions']) ? input['questions'] : []) as readonly {
    readonly question?: string;
  }[];
  return { ...input, answers: Object.fromEntries(questions.map(({ question = '' }) => [question, String(answer)])) };
}
