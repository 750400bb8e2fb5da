/** The agent that a person means: a file of their own, or one that is shipped; a model of their choice laid over it. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Client } from '../../api/contract/client.ts';
import { TackError } from '../../domain/errors.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';
import { parseAgent } from '../../domain/spec/parse.ts';
import { nearest } from '../../domain/nearest.ts';

export type MeantAgent = { readonly file: AgentConfig } | { readonly name: string };

/** Checked before anything is started. A file's mistakes are `spec_invalid` with file, line and column. */
export function meantAgent(said: string, cwd: string): MeantAgent {
  const path = resolve(cwd, said);
  const looksLikeFile = /[/\\]|\.ya?ml$/i.test(said);
  if (!looksLikeFile) return { name: said };
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new TackError('agent_not_found', `There is no agent file ${path}.`);
  return { file: parseAgent(readFileSync(path, 'utf8'), said) };
}

export async function agentOf(client: Client, meant: MeantAgent, model: string | undefined): Promise<AgentConfig> {
  const config = 'file' in meant ? meant.file : await shipped(client, meant.name);
  return model === undefined ? config : { ...config, model };
}

async function shipped(client: Client, name: string): Promise<AgentConfig> {
  const { data } = await client.agents.list();
  const found = data.find(({ id }) => id === name);
  if (found) return found.config;
  const names = data.map(({ id }) => id);
  const near = nearest(name, names);
  throw new TackError(
    'agent_not_found',
    `There is no agent ${JSON.stringify(name)}.${near ? ` Did you mean ${near}?` : ''} There are: ${names.join(', ') || 'none'}. A file of your own: --agent ./agent.yaml.`,
  );
}
