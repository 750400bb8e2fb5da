/** What the server says about itself and about what it found. */
import { z } from 'zod';
import { AgentConfig } from '../../domain/spec/agent.ts';
import { Credential, CredentialInfo } from '../../domain/wires/broker.ts';

export const RoleInfo = z
  .object({ role: z.enum(['engine', 'server', 'worker', 'broker']), ok: z.boolean(), detail: z.string() })
  .meta({ id: 'RoleInfo' });
export type RoleInfo = z.infer<typeof RoleInfo>;

export const Info = z
  .object({
    object: z.literal('info'),
    version: z.string(),
    api: z.literal('v1'),
    features: z.array(z.string()),
    data_folder: z.string().describe('8 hex of the hash of its real path: tells two data folders apart.'),
    pid: z.number().int(),
    roles: z.array(RoleInfo),
    credentials: z
      .array(CredentialInfo.extend({ base_url: z.string().nullable() }))
      .describe('What the broker holds, never a secret.'),
  })
  .meta({ id: 'Info' });
export type Info = z.infer<typeof Info>;

/** A credential on its way to the broker: kept in its memory only, never stored or logged. */
export const PutCredential = z.strictObject(Credential.shape).meta({ id: 'PutCredential' });
export const HeldCredential = z
  .object({ object: z.literal('credential'), ...CredentialInfo.shape })
  .meta({ id: 'HeldCredential' });

export const HarnessInfo = z
  .object({
    object: z.literal('harness'),
    id: z.string(),
    name: z.string(),
    vendor: z.string().nullable(),
    credential_ref: z.string().nullable().describe('The credential that its model needs; null: none.'),
    available: z.boolean(),
    version: z.string().nullable(),
    problem: z.string().nullable().describe('Why it is not available, and the way out.'),
  })
  .meta({ id: 'HarnessInfo' });
export type HarnessInfo = z.infer<typeof HarnessInfo>;

export const ListedAgent = z
  .object({ object: z.literal('agent'), id: z.string(), config: AgentConfig })
  .meta({ id: 'ListedAgent' });
export type ListedAgent = z.infer<typeof ListedAgent>;
