/** tack → supervisor, over `run/supervisor.sock`: GET /status, POST /stop, POST /restart/{role}. */
import { z } from 'zod';

export const ROLES = ['engine', 'broker', 'server', 'worker'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const RoleStatus = z.object({
  role: Role,
  /** `away`: it runs elsewhere (TEMPORAL_ADDRESS). */
  state: z.enum(['starting', 'ready', 'restarting', 'stopped', 'away']),
  pid: z.number().int().nullable(),
  restarts: z.number().int(),
  since: z.string(),
  /** Why it restarts, where it runs. */
  detail: z.string(),
});
export type RoleStatus = z.infer<typeof RoleStatus>;

/** Whether it works, here or elsewhere. */
export const isUp = ({ state }: Pick<RoleStatus, 'state'>): boolean => state === 'ready' || state === 'away';

export const GroupStatus = z.object({
  pid: z.number().int(),
  data_folder: z.string(),
  version: z.string(),
  ready: z.boolean(),
  temporal_address: z.string().nullable(),
  /** Of the server, once it listens. */
  port: z.number().int().nullable(),
  roles: z.array(RoleStatus),
});
export type GroupStatus = z.infer<typeof GroupStatus>;
