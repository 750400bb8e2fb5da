/** A call in one line, for people and for the model's own recollection. Pure. */
import type { Action } from '../../domain/action/schema.ts';

const LONGEST = 400;

export function titleOf(action: Action, name: string): string {
  const text = whole(action, name)
    .trim()
    .replace(/\s*\n\s*/g, ' ⏎ ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function whole(action: Action, name: string): string {
  switch (action.kind) {
    case 'shell.exec':
      return action.script;
    case 'file.read':
    case 'file.write':
      return `${name} ${action.paths.join(' ')}`;
    case 'file.search':
      return `${name} ${action.pattern} in ${action.paths.join(' ')}`;
    case 'agent.spawn':
      return `${name} ${action.type}`;
    case 'skill.load':
      return `${name} ${action.name}`;
    case 'net.request':
      return `${action.method} ${action.host}:${action.port}${action.path}`;
    case 'net.search':
      return `${name} ${action.query}`;
    case 'model.request':
      return `${action.provider} ${action.model}`;
    case 'mcp.call':
      return `${action.server}/${action.tool}`;
    case 'git.fetch':
    case 'git.push':
      return `${action.kind} ${action.host}/${action.repository}`;
    case 'package.install':
    case 'package.publish':
      return `${action.kind} ${action.ecosystem}:${action.name}${action.version ? `@${action.version}` : ''}`;
    case 'forge.call':
      return `${action.operation} ${action.host}/${action.repository}`;
    case 'plan.update':
    case 'plan.propose':
    case 'question.ask':
    case 'tool.other':
      return name;
  }
}

/** What sort of tool it is, in the words of ACP. */
export function toolKindOf(action: Action): string {
  switch (action.kind) {
    case 'file.read':
      return 'read';
    case 'file.search':
    case 'net.search':
      return 'search';
    case 'file.write':
      return action.change === 'delete' ? 'delete' : 'edit';
    case 'shell.exec':
      return 'execute';
    case 'plan.update':
    case 'plan.propose':
    case 'agent.spawn':
      return 'think';
    case 'net.request':
    case 'git.fetch':
    case 'forge.call':
      return 'fetch';
    case 'skill.load':
    case 'question.ask':
    case 'model.request':
    case 'mcp.call':
    case 'git.push':
    case 'package.install':
    case 'package.publish':
    case 'tool.other':
      return 'other';
  }
}
