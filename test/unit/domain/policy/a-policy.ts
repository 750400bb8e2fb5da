/** Builders for tests of judging: actions as the sandbox sees them, and policies of any level. */
import { createHash } from 'node:crypto';
import type { Action, ActionOf } from '../../../../src/domain/action/schema.ts';
import type { Grant } from '../../../../src/domain/approval/schema.ts';
import { compilePolicy } from '../../../../src/domain/policy/compile.ts';
import { evaluate } from '../../../../src/domain/policy/evaluate.ts';
import type { SandboxKind } from '../../../../src/domain/sandbox-kind.ts';
import {
  LEVELS,
  type Evaluation,
  type Level,
  type PolicyDefault,
  type Rule,
} from '../../../../src/domain/policy/schema.ts';
import { shippedLevel } from '../../../../src/domain/policy/shipped.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const WORK = '/home/agent/work';

export const shell = (script: string, over: Partial<ActionOf<'shell.exec'>> = {}): Action => ({
  kind: 'shell.exec',
  cwd: WORK,
  script,
  argv: null,
  env: {},
  background: false,
  files: [],
  ...over,
});
export const read = (...paths: string[]): Action => ({ kind: 'file.read', cwd: WORK, paths });
export const search = (...paths: string[]): Action => ({ kind: 'file.search', cwd: WORK, paths, pattern: 'x' });
export const write = (...paths: string[]): Action => ({
  kind: 'file.write',
  cwd: WORK,
  paths,
  change: 'modify',
  content_digest: sha256('x'),
});
export const request = (host: string): Action => ({
  kind: 'net.request',
  cwd: WORK,
  method: 'GET',
  host,
  port: 443,
  path: '/',
});
export const mcp = (server: string, tool: string): Action => ({ kind: 'mcp.call', cwd: WORK, server, tool, input: {} });
export const push = (host: string): Action => ({
  kind: 'git.push',
  cwd: WORK,
  host,
  repository: 'a/b',
  refs: [{ ref: 'refs/heads/main', new: 'c0ffee', how: 'ff' }],
});
export const other = (tool: string): Action => ({ kind: 'tool.other', cwd: WORK, tool, input: {} });

let named = 0;
export const rule = (over: Partial<Rule> & Pick<Rule, 'on' | 'effect'>): Rule => ({
  name: `rule-${++named}`,
  reason: 'a reason',
  ...over,
});

export type Levels = Partial<Record<Level, { rules?: readonly Rule[]; defaults?: readonly PolicyDefault[] }>>;

export interface Judging {
  readonly grants?: readonly Grant[];
  readonly sandbox?: SandboxKind;
}

/** Judges by these levels alone; without one that is named `shipped`, nothing is shipped. */
export function judge(
  levels: Levels,
  action: Action,
  { grants = [], sandbox = 'bubblewrap' }: Judging = {},
): Evaluation {
  const all = LEVELS.map((level) => ({
    level,
    rules: [...(levels[level]?.rules ?? [])],
    defaults: [...(levels[level]?.defaults ?? [])],
  }));
  return evaluate(compilePolicy(all, { sandbox, sha256 }), action, { grants, sha256 });
}

/** Judges by what is shipped, and nearer levels. */
export const judgeShipped = (action: Action, levels: Levels = {}, more: Judging = {}): Evaluation =>
  judge({ ...levels, shipped: shippedLevel(more.sandbox ?? 'bubblewrap') }, action, more);

export const effectOf = ({ effect }: Evaluation) => effect;
export const namesOf = ({ rules }: Evaluation) => rules.map(({ name }) => name);
