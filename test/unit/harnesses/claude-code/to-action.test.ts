/** Each tool of Claude Code as the Action that is judged, and what the shipped policy says about it. */
import { describe, expect, it } from 'vitest';
import { Action } from '../../../../src/domain/action/schema.ts';
import { canonicalJson, digestOf } from '../../../../src/domain/canonical.ts';
import { createPolicyFor } from '../../../../src/domain/policy/index.ts';
import { AgentConfig } from '../../../../src/domain/spec/agent.ts';
import { TOOLS } from '../../../../src/harnesses/claude-code/command.ts';
import { toAction, type Look } from '../../../../src/harnesses/claude-code/to-action.ts';
import { posix } from 'node:path';
import { sha256 } from '../../domain/policy/a-policy.ts';

const HOME = '/home/agent';
const WORK = '/home/agent/work';
const files: Record<string, string> = { [`${WORK}/a.txt`]: 'blob-a', [`${WORK}/src/b.ts`]: 'blob-b' };
const look: Look = {
  resolve: (path, from = WORK) => posix.resolve(from, path),
  exists: (path) => path in files,
  named: (script, from = WORK) =>
    script.split(' ').flatMap((word) => {
      const path = posix.resolve(from, word);
      return path in files ? [{ path, blob: files[path] ?? '' }] : [];
    }),
};
const act = (name: string, input: Record<string, unknown>, cwd?: string): Action =>
  toAction({ name, input, ...(cwd && { cwd }) }, { home: HOME, work: WORK, look, sha256 });
const { judge } = createPolicyFor({ sha256 })(AgentConfig.parse({ name: 'a', harness: 'claude-code' }));

const shell = { kind: 'shell.exec', cwd: WORK, env: {}, background: false, files: [] };
const write = { kind: 'file.write', cwd: WORK };
const plan = { kind: 'plan.update', cwd: WORK };

type Row = readonly [string, Record<string, unknown>, Record<string, unknown>, 'allow' | 'ask' | 'deny'];
const TABLE: readonly Row[] = [
  [
    'Bash',
    { command: 'npm test', description: 'runs' },
    { ...shell, script: 'npm test', argv: ['npm', 'test'] },
    'allow',
  ],
  ['Bash', { command: 'a | b > c', timeout: 5 }, { ...shell, script: 'a | b > c', argv: null }, 'allow'],
  [
    'Bash',
    { command: 'npm start', run_in_background: true },
    { ...shell, script: 'npm start', argv: ['npm', 'start'], background: true },
    'allow',
  ],
  ['Bash', { command: 'A=1 b' }, { ...shell, script: 'A=1 b', argv: null }, 'allow'],
  [
    'Bash',
    { command: 'cat a.txt' },
    { ...shell, script: 'cat a.txt', argv: ['cat', 'a.txt'], files: [{ path: `${WORK}/a.txt`, blob: 'blob-a' }] },
    'allow',
  ],
  [
    'Read',
    { file_path: `${WORK}/a.txt`, offset: 3 },
    { kind: 'file.read', cwd: WORK, paths: [`${WORK}/a.txt`] },
    'allow',
  ],
  ['Read', { file_path: 'src/../a.txt' }, { kind: 'file.read', cwd: WORK, paths: [`${WORK}/a.txt`] }, 'allow'],
  ['Read', { file_path: `${WORK}/.env` }, { kind: 'file.read', cwd: WORK, paths: [`${WORK}/.env`] }, 'deny'],
  [
    'Read',
    { file_path: '/tmp/claude-1000/x.output' },
    { kind: 'file.read', cwd: WORK, paths: ['/tmp/claude-1000/x.output'] },
    'allow',
  ],
  ['Read', { file_path: '/etc/passwd' }, { kind: 'file.read', cwd: WORK, paths: ['/etc/passwd'] }, 'ask'],
  [
    'Write',
    { file_path: `${WORK}/new.txt`, content: 'x' },
    { ...write, paths: [`${WORK}/new.txt`], change: 'create', content_digest: sha256('x') },
    'allow',
  ],
  [
    'Write',
    { file_path: `${WORK}/a.txt`, content: 'x' },
    { ...write, paths: [`${WORK}/a.txt`], change: 'modify', content_digest: sha256('x') },
    'allow',
  ],
  [
    'Write',
    { file_path: `${WORK}/.git/hooks/x`, content: 'x' },
    { ...write, paths: [`${WORK}/.git/hooks/x`], change: 'create', content_digest: sha256('x') },
    'ask',
  ],
  [
    'Write',
    { file_path: `${WORK}/.mcp.json`, content: '{}' },
    { ...write, paths: [`${WORK}/.mcp.json`], change: 'create', content_digest: sha256('{}') },
    'ask',
  ],
  [
    'Edit',
    { file_path: `${WORK}/a.txt`, old_string: 'a', new_string: 'b' },
    {
      ...write,
      paths: [`${WORK}/a.txt`],
      change: 'modify',
      content_digest: sha256(canonicalJson({ old_string: 'a', new_string: 'b' })),
    },
    'allow',
  ],
  [
    'Edit',
    { file_path: `${WORK}/n.txt`, old_string: '', new_string: 'b' },
    {
      ...write,
      paths: [`${WORK}/n.txt`],
      change: 'create',
      content_digest: sha256(canonicalJson({ old_string: '', new_string: 'b' })),
    },
    'allow',
  ],
  [
    'Edit',
    { file_path: '/etc/hosts', old_string: 'a', new_string: 'b' },
    {
      ...write,
      paths: ['/etc/hosts'],
      change: 'modify',
      content_digest: sha256(canonicalJson({ old_string: 'a', new_string: 'b' })),
    },
    'ask',
  ],
  [
    'MultiEdit',
    { file_path: `${WORK}/a.txt`, edits: [] },
    { ...write, paths: [`${WORK}/a.txt`], change: 'modify', content_digest: sha256(canonicalJson({ edits: [] })) },
    'allow',
  ],
  [
    'NotebookEdit',
    { notebook_path: `${WORK}/n.ipynb`, edit_mode: 'delete', new_source: '' },
    {
      ...write,
      paths: [`${WORK}/n.ipynb`],
      change: 'modify',
      content_digest: sha256(canonicalJson({ edit_mode: 'delete', new_source: '' })),
    },
    'allow',
  ],
  [
    'NotebookRead',
    { notebook_path: `${WORK}/n.ipynb` },
    { kind: 'file.read', cwd: WORK, paths: [`${WORK}/n.ipynb`] },
    'allow',
  ],
  ['Glob', { pattern: '**/*.ts' }, { kind: 'file.search', cwd: WORK, paths: [WORK], pattern: '**/*.ts' }, 'allow'],
  [
    'Glob',
    { pattern: '/etc/*.conf' },
    { kind: 'file.search', cwd: WORK, paths: [WORK, '/etc'], pattern: '/etc/*.conf' },
    'ask',
  ],
  [
    'Glob',
    { pattern: '../../x/*', path: 'src' },
    { kind: 'file.search', cwd: WORK, paths: [`${WORK}/src`, '/home/agent/x'], pattern: '../../x/*' },
    'allow',
  ],
  [
    'Grep',
    { pattern: '/etc/passwd', path: 'src', glob: '*.ts' },
    { kind: 'file.search', cwd: WORK, paths: [`${WORK}/src`], pattern: '/etc/passwd' },
    'allow',
  ],
  ['Grep', { pattern: 'x', path: '/root' }, { kind: 'file.search', cwd: WORK, paths: ['/root'], pattern: 'x' }, 'ask'],
  ['LS', { path: `${WORK}/src` }, { kind: 'file.search', cwd: WORK, paths: [`${WORK}/src`], pattern: '' }, 'allow'],
  [
    'Task',
    { subagent_type: 'Explore', prompt: 'p', description: 'd' },
    { kind: 'agent.spawn', cwd: WORK, type: 'Explore' },
    'allow',
  ],
  ['Agent', { prompt: 'p', description: 'd' }, { kind: 'agent.spawn', cwd: WORK, type: 'general-purpose' }, 'allow'],
  ...[
    'TodoWrite',
    'TaskCreate',
    'TaskGet',
    'TaskList',
    'TaskUpdate',
    'TaskStop',
    'TaskOutput',
    'BashOutput',
    'KillShell',
    'KillBash',
    'EnterPlanMode',
  ].map((name): Row => [name, {}, plan, 'allow']),
  ['Write', { file_path: `${HOME}/.claude/plans/a-b.md`, content: 'x' }, plan, 'allow'],
  [
    'Write',
    { file_path: `${HOME}/.claude/plans/../settings.json`, content: 'x' },
    { ...write, paths: [`${HOME}/.claude/settings.json`], change: 'create', content_digest: sha256('x') },
    'ask',
  ],
  [
    'Write',
    { file_path: `${HOME}/.claude/plans/a.sh`, content: 'x' },
    { ...write, paths: [`${HOME}/.claude/plans/a.sh`], change: 'create', content_digest: sha256('x') },
    'ask',
  ],
  ['Skill', { skill: 'simplify', args: 'x' }, { kind: 'skill.load', cwd: WORK, name: 'simplify' }, 'allow'],
  ['ToolSearch', { query: 'select:Task' }, { kind: 'skill.load', cwd: WORK, name: 'ToolSearch' }, 'allow'],
  [
    'AskUserQuestion',
    { questions: [{ question: 'q?' }] },
    { kind: 'question.ask', cwd: WORK, questions: [{ question: 'q?' }] },
    'ask',
  ],
  [
    'ExitPlanMode',
    { plan: 'p', planFilePath: '/x' },
    { kind: 'plan.propose', cwd: WORK, plan_digest: sha256('p') },
    'ask',
  ],
  [
    'WebFetch',
    { url: 'https://example.org/a?b=1', prompt: 'p' },
    { kind: 'net.request', cwd: WORK, method: 'GET', host: 'example.org', port: 443, path: '/a?b=1' },
    'ask',
  ],
  [
    'WebFetch',
    { url: 'https://example.org:8443/', prompt: 'p' },
    { kind: 'net.request', cwd: WORK, method: 'GET', host: 'example.org', port: 8443, path: '/' },
    'ask',
  ],
  ['WebFetch', { url: 'no url' }, { kind: 'tool.other', cwd: WORK, tool: 'WebFetch', input: { url: 'no url' } }, 'ask'],
  ['WebSearch', { query: 'q' }, { kind: 'net.search', cwd: WORK, query: 'q' }, 'ask'],
  [
    'mcp__github__create_issue',
    { t: 1 },
    { kind: 'mcp.call', cwd: WORK, server: 'github', tool: 'create_issue', input: { t: 1 } },
    'ask',
  ],
  ['mcp__a__b__c', {}, { kind: 'mcp.call', cwd: WORK, server: 'a', tool: 'b__c', input: {} }, 'ask'],
  ['SomethingNew', { a: 1 }, { kind: 'tool.other', cwd: WORK, tool: 'SomethingNew', input: { a: 1 } }, 'ask'],
];

describe('toAction', () => {
  it.each(TABLE)('%s %j', (name, input, action, effect) => {
    const made = act(name, input);
    expect(made).toEqual(action);
    expect(Action.parse(made)).toEqual(made);
    expect(judge(made, []).effect).toBe(effect);
  });

  it('knows every tool that is offered', () => {
    expect(TOOLS.filter((name) => act(name, {}).kind === 'tool.other')).toEqual([]);
    expect(TOOLS.filter((name) => !TABLE.some(([known]) => known === name))).toEqual([]);
  });

  it('without a sandbox nothing of the host is in the table of allowed places, and shell asks', () => {
    const bare = createPolicyFor({ sha256 })(AgentConfig.parse({ name: 'a', harness: 'claude-code', sandbox: 'none' }));
    expect(bare.judge(act('Bash', { command: 'ls' }), []).effect).toBe('ask');
    expect(bare.judge(act('Write', { file_path: '/etc/x', content: '' }, '/etc'), []).effect).toBe('ask');
  });
});

describe('the digest', () => {
  const digest = (...call: Parameters<typeof act>) => digestOf(act(...call), sha256);

  it('does not hear what the model says about a call', () => {
    expect(digest('Bash', { command: 'ls', description: 'one' })).toBe(
      digest('Bash', { command: 'ls', description: 'two', timeout: 9 }),
    );
    expect(digest('ExitPlanMode', { plan: 'p', planFilePath: '/a' })).toBe(
      digest('ExitPlanMode', { plan: 'p', planFilePath: '/b' }),
    );
  });

  it('is another one where the shell stands elsewhere, and for another content', () => {
    expect(digest('Bash', { command: 'rm -r x' })).not.toBe(digest('Bash', { command: 'rm -r x' }, `${WORK}/src`));
    expect(digest('Write', { file_path: 'a', content: '1' })).not.toBe(
      digest('Write', { file_path: 'a', content: '2' }),
    );
    expect(digest('Bash', { command: 'x' })).not.toBe(digest('Bash', { command: 'x', run_in_background: true }));
  });

  it('follows the content of a file that the command names, from where the shell stands', () => {
    const before = digest('Bash', { command: 'sh b.ts' }, `${WORK}/src`);
    files[`${WORK}/src/b.ts`] = 'blob-b2';
    expect(digest('Bash', { command: 'sh b.ts' }, `${WORK}/src`)).not.toBe(before);
    expect(act('Read', { file_path: 'b.ts' }, `${WORK}/src`)).toMatchObject({ paths: [`${WORK}/src/b.ts`] });
  });
});
