/** A tool call of Claude Code as a canonical Action. What we do not know becomes `tool.other`, which no rule covers. */
import type { Action } from '../../domain/action/schema.ts';
import { canonicalJson, type Sha256 } from '../../domain/canonical.ts';

/** A look at the session's files, as the sandbox sees them. */
export interface Look {
  /** Absolute, without `.`, `..` and symlinks. A relative path is below `from`. */
  resolve(path: string, from?: string): string;
  exists(path: string): boolean;
  /** Files of the worktree that the words of a script name, with their git blob hash. */
  named(script: string, from?: string): readonly { readonly path: string; readonly blob: string }[];
}
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Where the session's shell stands, when it is known. */
  readonly cwd?: string;
}
export interface Surroundings {
  readonly home: string;
  /** Where a call stands that does not say. */
  readonly work: string;
  readonly look: Look;
  readonly sha256: Sha256;
}

/** Pure but for `look`: the same call on the same files is the same Action. */
export function toAction({ name, input, cwd: at }: ToolCall, { home, work, look, sha256 }: Surroundings): Action {
  const cwd = at ?? work;
  const text = (field: string): string => (typeof input[field] === 'string' ? input[field] : '');
  const write = (field: string): Action => {
    const path = look.resolve(text(field), cwd);
    if (isPlan(path, home)) return { kind: 'plan.update', cwd };
    const { [field]: _path, ...change_of } = input;
    const isNew = !look.exists(path) && (name === 'Write' || input['old_string'] === '');
    const content = name === 'Write' ? text('content') : canonicalJson(change_of);
    return {
      kind: 'file.write',
      cwd,
      paths: [path],
      change: isNew ? 'create' : 'modify',
      content_digest: sha256(content),
    };
  };
  switch (name) {
    case 'Bash': {
      const script = text('command');
      const background = input['run_in_background'] === true;
      return {
        kind: 'shell.exec',
        cwd,
        script,
        argv: simple(script),
        env: {},
        background,
        files: [...look.named(script, cwd)],
      };
    }
    case 'Read':
    case 'NotebookRead':
      return { kind: 'file.read', cwd, paths: [look.resolve(text('file_path') || text('notebook_path'), cwd)] };
    case 'Glob': {
      const base = look.resolve(text('path') || cwd, cwd);
      const paths = [base, ...fixedFolder(text('pattern')).map((folder) => look.resolve(folder, base))];
      return { kind: 'file.search', cwd, paths: [...new Set(paths)], pattern: text('pattern') };
    }
    case 'Grep':
    case 'LS':
      return { kind: 'file.search', cwd, paths: [look.resolve(text('path') || cwd, cwd)], pattern: text('pattern') };
    case 'Write':
    case 'Edit':
    case 'MultiEdit':
      return write('file_path');
    case 'NotebookEdit':
      return write('notebook_path');
    case 'Task':
    case 'Agent':
      return { kind: 'agent.spawn', cwd, type: text('subagent_type') || 'general-purpose' };
    // the agent's own lists, and tasks that it started by calls which were judged
    case 'TodoWrite':
    case 'TaskCreate':
    case 'TaskGet':
    case 'TaskList':
    case 'TaskUpdate':
    case 'TaskStop':
    case 'TaskOutput':
    case 'BashOutput':
    case 'KillShell':
    case 'KillBash':
    case 'EnterPlanMode':
      return { kind: 'plan.update', cwd };
    case 'Skill':
      return { kind: 'skill.load', cwd, name: text('skill') || text('command') || text('name') };
    case 'ToolSearch':
      return { kind: 'skill.load', cwd, name: 'ToolSearch' };
    case 'AskUserQuestion':
      return { kind: 'question.ask', cwd, questions: Array.isArray(input['questions']) ? input['questions'] : [input] };
    case 'ExitPlanMode': // the plan's file has another name in another process
      return { kind: 'plan.propose', cwd, plan_digest: sha256(text('plan')) };
    case 'WebFetch':
      return fetching(text('url'), cwd) ?? { kind: 'tool.other', cwd, tool: name, input };
    case 'WebSearch':
      return { kind: 'net.search', cwd, query: text('query') };
    default:
      return mcp(name, { cwd, input }) ?? { kind: 'tool.other', cwd, tool: name, input };
  }
}

/** Plan mode writes its plan into a file of the private home; the plan itself is proposed, and asked about. */
const isPlan = (path: string, home: string): boolean =>
  path.startsWith(`${home}/.claude/plans/`) && /^[\w-]+\.md$/.test(path.slice(`${home}/.claude/plans/`.length));

/** The folder that a pattern names before its first wildcard: it may lie elsewhere. */
function fixedFolder(pattern: string): string[] {
  const folder = /^[^*?[{]*\//.exec(pattern)?.[0];
  return folder === undefined ? [] : [folder];
}

/** Words of a command without anything that a shell would look at. */
function simple(script: string): string[] | null {
  return /^[\w./:@%+,=-]+( +[\w./:@%+,=-]+)*$/.test(script) && !/^\w+=/.test(script) ? script.split(/ +/) : null;
}

function fetching(url: string, cwd: string): Action | null {
  const parsed = URL.parse(url);
  if (!parsed) return null;
  // Claude Code fetches plain http over https
  const port = Number(parsed.port) || 443;
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
