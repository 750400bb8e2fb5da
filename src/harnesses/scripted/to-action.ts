/** A step's tool as a canonical Action. */
import type { Action } from '../../domain/action/schema.ts';
import type { Sha256 } from '../../domain/canonical.ts';
import type { lookInto } from '../look.ts';
import type { Tool } from './script.ts';

export interface Surroundings {
  readonly cwd: string;
  readonly look: ReturnType<typeof lookInto>;
  readonly sha256: Sha256;
}

export function toAction(tool: Tool, { cwd, look, sha256 }: Surroundings): Action {
  switch (tool.kind) {
    case 'shell.exec':
      return {
        kind: 'shell.exec',
        cwd,
        script: tool.script,
        argv: null,
        env: {},
        background: false,
        files: [...look.named(tool.script)],
      };
    case 'file.read':
      return { kind: 'file.read', cwd, paths: [look.resolve(tool.path)] };
    case 'file.write': {
      const path = look.resolve(tool.path);
      const change = look.exists(path) ? 'modify' : 'create';
      return { kind: 'file.write', cwd, paths: [path], change, content_digest: sha256(tool.content) };
    }
    case 'net.request':
      return { kind: 'net.request', cwd, method: 'GET', host: tool.host, port: 80, path: tool.path };
    case 'tool.other':
      return { kind: 'tool.other', cwd, tool: tool.tool, input: tool.input };
  }
}
