/** The tripwire: finds a call that ran although nobody allowed it. Pure. */
import type { NativeMessage } from './schema.ts';

/** Its id; null when every result is of an allowed call, or says that its call did not run. */
export function passedBy(message: NativeMessage, wasAllowed: (tool_use_id: string) => boolean): string | null {
  if (message.type !== 'user' || message.isReplay || typeof message.message.content === 'string') return null;
  for (const { type, tool_use_id: id, is_error } of message.message.content) {
    if (type !== 'tool_result' || !id || wasAllowed(id)) continue;
    const meta = message.tool_result_meta?.find((entry) => entry.id === id);
    const ran = meta?.permission_decision?.decision === 'accept' || (!is_error && !meta?.non_execution_kind);
    if (ran) return id;
  }
  return null;
}
