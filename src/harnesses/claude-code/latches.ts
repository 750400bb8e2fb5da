/** The two latches of one process: the hook decides, `can_use_tool` repeats the verdict. Every answer is explicit: an empty one would not block. */
import type { Action } from '../../domain/action/schema.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Gate, GateAnswer } from '../contract.ts';
import type { ControlRequest } from './schema.ts';
import type { ToolCall } from './to-action.ts';

type Input = Readonly<Record<string, unknown>>;
interface Asked extends ToolCall {
  readonly tool_use_id: string;
}
interface Verdict {
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
}

export interface LatchOptions {
  readonly toAction: (call: ToolCall) => Action;
  readonly itemOf: (tool_use_id: string) => string;
  /** Before a call may start, what it belongs to must be in the archive. */
  readonly before: () => Promise<void>;
}

export function createLatches({ toAction, itemOf, before }: LatchOptions): Latches {
  const verdicts = new Map<string, Verdict>();
  const open = new Set<string>();

  async function judge(call: Asked, gate: Gate | null): Promise<Verdict> {
    const { tool_use_id, name, input } = call;
    if (gate === null) return verdictOn(input, { effect: 'deny', reason: 'No turn is running.' });
    const known = verdicts.get(tool_use_id);
    if (known?.covers.includes(canonicalJson(input))) return known;
    const answer = await before()
      .then(() => gate({ action: toAction({ name, input }), tool_use_id, name, input, item_id: itemOf(tool_use_id) }))
      .catch((error: unknown): GateAnswer => ({
        effect: 'deny',
        reason: `Tackroom could not judge this call: ${error instanceof Error ? error.message : String(error)}`,
      }));
    const verdict = verdictOn(input, answer);
    verdicts.set(tool_use_id, verdict);
    return verdict;
  }

  async function held(call: Asked, gate: Gate | null, by_sub_agent: boolean): Promise<Verdict> {
    if (!by_sub_agent) open.add(call.tool_use_id);
    try {
      return await judge(call, gate);
    } finally {
      open.delete(call.tool_use_id);
    }
  }

  return {
    wasAllowed: (tool_use_id) => verdicts.get(tool_use_id)?.answer.effect === 'allow',
    open: () => [...open],
    async answer(request, gate) {
      if (request.subtype === 'hook_callback') {
        const { tool_name: name, tool_input: input, tool_use_id, agent_id } = request.input;
        return hookWords(await held({ tool_use_id, name, input }, gate, Boolean(agent_id)));
      }
      const { tool_name: name, input, tool_use_id, agent_id } = request;
      const { answer, input: mayRun } = await held({ tool_use_id, name, input }, gate, Boolean(agent_id));
      if (answer.effect === 'allow') return { behavior: 'allow', updatedInput: mayRun };
      return { behavior: 'deny', message: answer.reason, interrupt: answer.stop ?? false };
    },
  };
}

function verdictOn(asked: Input, answer: GateAnswer): Verdict {
  const input = answer.effect === 'allow' && answer.input !== undefined ? withAnswer(asked, answer.input) : asked;
  return { answer, input, covers: [canonicalJson(asked), canonicalJson(input)] };
}

function hookWords({ answer, input }: Verdict): Readonly<Record<string, unknown>> {
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
