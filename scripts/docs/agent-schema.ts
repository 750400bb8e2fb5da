/** The schema of agent files for editors, from the one that reads them. */
import { z } from 'zod';
import { AgentConfig } from '../../src/domain/spec/agent.ts';

/** What people write: a default is no field that they must say. Editors speak draft 7. */
export async function agentSchemaFile(): Promise<string> {
  const schema = z.toJSONSchema(AgentConfig, { io: 'input', target: 'draft-07', unrepresentable: 'any' });
  return JSON.stringify({ title: 'A Tackroom agent file', ...schema });
}
