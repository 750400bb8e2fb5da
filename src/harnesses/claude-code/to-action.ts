/** A tool call of Claude Code as a canonical Action. What we do not know becomes `tool.other`, which no rule covers. */
import type { Action } from '../../domain/action/schema.ts';
import { canonicalJson, type Sha256 } from '../../domain/canonical.ts';

/** A look at the session's files, as the sandbox sees them. */
export interface Look {
  /** Absolute, without `.`, `..` and symlinks. */
  resolve(path: string): string;
  exists(path: string): boolean;
  /** Files of the worktree that the words of a script name, with their git blob hash. */
  named(script: string): readonly { readonly path: string; readonly blob: string }[];
}
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Pure but for `look`: the same call on the same files is the same Action. */
export function toAction(
  { name, input }: ToolCall,
  { cwd, look, sha256 }: { readonly cwd: string; readonly look: Look; readonly sha256: Sha256 },
): Action {
  const text = (field: string): string => (typeof input[field] === 'string' ? input[field] : '');
  const write = (path: string, change: 'create' | 'modify'): Action => {
    const { description: _description, ...content } = input;
    return {
      kind: 'file.write',
      cwd,
      paths: [look.resolve(path)],
      change,
      content_digest: sha256(canonicalJson(content)),
    };
  };
  switch (name) {
    case 'Bash': {
      const script = text('command');
      return {
        kind: 'shell.exec',
        cwd,
        script,
        argv: simple(script),
        env: {},
        background: input['run_in_background'] === true,
        files: [...look.named(script)],
      };
    }
    case 'Read':
      return { kind: 'file.read', cwd, paths: [look.resolve(text('file_path'))] };
    case 'Glob':
    case 'Grep':
      return { kind: 'file.search', cwd, paths: [look.resolve(text('path') || cwd)], pattern: text('pattern') };
    case 'Write':
      return write(text('file_path'), look.exists(look.resolve(text('file_path'))) ? 'modify' : 'create');
    case 'Edit':
    case 'MultiEdit':
      return write(text('file_path'), 'modify');
    case 'NotebookEdit':
      return write(text('notebook_path'), 'modify');
    case 'Task':
    case 'Agent':
      return { kind: 'agent.spawn', cwd, type: text('subagent_type') || 'general-purpose' };
    case 'TodoWrite':
    case 'TaskCreate':
    case 'TaskGet':
    case 'TaskList':
    case 'TaskUpdate':
    case 'TaskStop':
    case 'TaskOutput':
    case 'EnterPlanMode':
      return { kind: 'plan.update', cwd };
    case 'Skill':
      return { kind: 'skill.load', cwd, name: text('skill') || text('name') };
    case 'ToolSearch':
      return { kind: 'skill.load', cwd, name: 'ToolSearch' };
    case 'AskUserQuestion':
      return { kind: 'question.ask', cwd, questions: Array.isArray(input['questions']) ? input['questions'] : [input] };
    case 'ExitPlanMode':
      return { kind: 'plan.propose', cwd, plan_digest: sha256(canonicalJson(input)) };
    case 'WebFetch':
      return fetching(text('url'), { cwd, input });
    case 'WebSearch':
      return { kind: 'net.search', cwd, query: text('query') };
    default:
      return mcp(name, { cwd, input }) ?? { kind: 'tool.other', cwd, tool: name, input };
  }
}

/** Words of a command without anything that a shell would look at. */
function simple(script: string): string[] | null {
  return /^[\w./:@%+,=-]+( +[\w./:@%+,=-]+)*$/.test(script) && !/^\w+=/.test(script) ? script.split(/ +/) : null;
}

function fetching(url: string, { cwd, input }: { readonly cwd: string; readonly input: unknown }): Action {
  const parsed = URL.parse(url);
  if (!parsed) return { kind: 'tool.other', cwd, tool: 'WebFetch', input };
  const port = Number(parsed.port) || (parsed.protocol === 'http:' ? 80 : 443);
  return {
    kind: 'net.request',
    cwd,
    method: 'GET',
    host: parsed.hostname,
    port,
    path: parsed.pathname + parsed.search,
  };
}

function mcp(name: string, { cwd, input }: { readonly cwd: string; readonly input: unknown }): Action | null {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  return server && tool ? { kind: 'mcp.call', cwd, server, tool, input } : null;
}
