/** Claude Code as a person runs it, without Tackroom: the control of every attack. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Bare {
  readonly binary: string;
  readonly url: string;
  readonly cwd: string;
  readonly home: string;
  readonly words: string;
}

/** Plays one prompt to its end; what it printed. */
export async function bareClaude({ binary, url, cwd, home, words }: Bare): Promise<string> {
  const args = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const child = spawn(binary, [...args, '--model', 'claude-sonnet-4-5', '--dangerously-skip-permissions'], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'placeholder',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      IS_SANDBOX: '1',
      CLAUDE_CODE_TMPDIR: home, // else it leaves folders in /tmp
      XDG_RUNTIME_DIR: home,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const message = { role: 'user', content: [{ type: 'text', text: words }] };
  child.stdin.end(`${JSON.stringify({ type: 'user', message, parent_tool_use_id: null, session_id: '' })}\n`);
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return printed;
}
