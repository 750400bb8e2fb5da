/** What Claude Code finds in its environment. The key is a placeholder: the broker injects the real one outside. */
import type { SeenPaths } from '../../sandbox/contract.ts';

/** `has_endpoint`: requests leave through the socket of the session's endpoint. */
export function environmentFor(seen: SeenPaths, has_endpoint: boolean): Readonly<Record<string, string>> {
  return {
    HOME: seen.home,
    ANTHROPIC_API_KEY: 'placeholder-the-broker-has-the-key',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:4010',
    ...(has_endpoint && { ANTHROPIC_UNIX_SOCKET: `${seen.endpoint}/e.sock` }),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    IS_SANDBOX: '1',
    // a memory of its own would lie in the home, which no resume brings back, and be written by calls that are asked about
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    // a prompt stands in the transcript before the model hears it, and a turn before its result is told
    CLAUDE_CODE_EAGER_FLUSH: '1',
    // says when it is idle, which no result tells
    CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: '1',
  };
}
