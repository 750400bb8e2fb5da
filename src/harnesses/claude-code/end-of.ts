/** How a turn ended, as Claude Code's result says it, and what it used. Pure. */
import type { TurnEnd, Usage } from '../contract.ts';
import type { NativeMessage } from './schema.ts';

type Result = Extract<NativeMessage, { type: 'result' }>;

export function endOf(message: Result): TurnEnd {
  if (message.terminal_reason?.startsWith('aborted')) return { end: 'interrupted' };
  if (message.is_error || message.subtype !== 'success') {
    const words =
      message.result ||
      message.errors?.join(' ') ||
      `Claude Code ended the turn: ${message.terminal_reason ?? message.subtype}.`;
    const status = message.api_error_status;
    if (!status) return { end: 'failed', code: 'harness_protocol', message: words };
    return { end: 'failed', code: 'model_failed', message: `The model answered ${status}. ${words}` };
  }
  const { stop_reason } = message;
  return {
    end: 'completed',
    stop_reason: stop_reason === 'max_tokens' || stop_reason === 'refusal' ? stop_reason : 'end_turn',
    usage: usageOf(message),
  };
}

/** A turn that was woken up by its sub-agents has several results: the last one says how it ended. */
export function addUsage(before: TurnEnd | null, end: TurnEnd): TurnEnd {
  if (before?.end !== 'completed' || end.end !== 'completed' || !before.usage || !end.usage) return end;
  return { ...end, usage: sum([before.usage, end.usage]) };
}

function usageOf({ usage, model_usage_since_last_result: models }: Result): Usage | null {
  if (models)
    return sum(
      Object.values(models).map((model) => ({
        input: model.inputTokens,
        output: model.outputTokens,
        cache_read: model.cacheReadInputTokens,
        cache_write: model.cacheCreationInputTokens,
      })),
    );
  if (!usage) return null;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write: usage.cache_creation_input_tokens ?? 0,
  };
}

function sum(all: readonly Usage[]): Usage {
  return all.reduce(
    (total, usage) => ({
      input: total.input + usage.input,
      output: total.output + usage.output,
      cache_read: total.cache_read + usage.cache_read,
      cache_write: total.cache_write + usage.cache_write,
    }),
    { input: 0, output: 0, cache_read: 0, cache_write: 0 },
  );
}
