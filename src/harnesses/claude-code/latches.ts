/** The two latches of one process: the hook decides, `can_use_tool` repeats the verdict. Every answer is explicit: an empty one would not block. */
import type { Action } from '../../domain/action/schema.ts';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Gate, GateAnswer } from '../contract.ts';
import type { ControlRequest } from './schema.ts';
import type { ToolCall } from './to-action.ts';

interface Asked extends ToolCall {
  readonly tool_use_id: string;
}
export interface Latches {
  answer(request: ControlRequest['request'], gate: Gate | null): Promise<Readonly<Record<string, unknown>>>;
  /** Whether this call was allowed: what ran without it went past the gate. */
  wasAllowed(tool_use_id: string): boolean;
}

export interface LatchOptions {
  readonly toAction: (call: ToolCall) => Action;
  readonly itemOf: (tool_use_id: string) => string;
  /** Before a call may start, what led to it must be in the archive. */
  readonly before: () => Promise<void>;
}

export function createLatches({ toAction, itemOf, before }: LatchOptions): Latches {
  const verdicts = new Map<string, { readonly input: string; readonly answer: GateAnswer }>();

  async function judge({ tool_use_id, name, input }: Asked, gate: Gate | null): Promise<GateAnswer> {
    if (gate === null) return { effect: 'deny', reason: 'No turn is running.' };
    const known = verdicts.get(tool_use_id);
    if (known?.input === canonicalJson(input)) return known.answer;
    const answer = await before()
      .then(() => gate({ action: toAction({ name, input }), tool_use_id, name, input, item_id: itemOf(tool_use_id) }))
      .catch((error: unknown): GateAnswer => ({
        effect: 'deny',
        reason: `Tackroom could not judge this call: ${error instanceof Error ? error.message : String(error)}`,
      }));
    const rewritten = answer.effect === 'allow' && answer.input !== undefined ? withAnswer(input, answer.input) : input;
    verdicts.set(tool_use_id, { input: canonicalJson(rewritten), answer });
    return answer;
  }

  return {
    wasAllowed: (tool_use_id) => verdicts.get(tool_use_id)?.answer.effect === 'allow',
    async answer(request, gate) {
      if (request.subtype === 'hook_callback') {
        const { tool_name, tool_input, tool_use_id } = request.input;
        const answer = await judge({ tool_use_id, name: tool_name, input: tool_input }, gate);
        return { hookSpecificOutput: { hookEventName: 'PreToolUse', ...hookWords(answer, tool_input) } };
      }
      const answer = await judge(
        { tool_use_id: request.tool_use_id, name: request.tool_name, input: request.input },
        gate,
      );
      if (answer.effect === 'allow') return { behavior: 'allow', updatedInput: request.input };
      return { behavior: 'deny', message: answer.reason, interrupt: answer.stop ?? false };
    },
  };
}

function hookWords(answer: GateAnswer, input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (answer.effect === 'deny') return { permissionDecision: 'deny', permissionDecisionReason: answer.reason };
  return {
    permissionDecision: 'allow',
    permissionDecisionReason: 'Allowed by policy.',
    ...(answer.input !== undefined && { updatedInput: withAnswer(input, answer.input) }),
  };
}

/** A person's answers go beside the questions. */
function withAnswer(input: Readonly<Record<string, unknown>>, answer: unknown): Readonly<Record<string, unknown>> {
  const isByQuestion = typeof answer === 'object' && answer !== null && !Array.isArray(answer);
  if (isByQuestion) return { ...input, answers: answer };
  const questions = (Array.isArray(input['questions']) ? input['questions'] : []) as readonly {
    readonly question?: string;
  }[];
  return { ...input, answers: Object.fromEntries(questions.map(({ question = '' }) => [question, String(answer)])) };
}
