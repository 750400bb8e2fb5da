/** An ignored folder of the person's checkout, such as node_modules: the worker copies it when it runs on the same machine and may read it. */
import { z } from 'zod';

export const IncludedFolder = z
  .strictObject({
    machine: z.string().min(1).max(64).describe('Id of the machine it is on.'),
    source: z.string().startsWith('/').max(4096).describe('Where it is there.'),
    path: z
      .string()
      .min(1)
      .max(4096)
      .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'a path below the worktree')
      .describe('Where it goes in the worktree.'),
    bytes: z.number().int().nonnegative(),
  })
  .meta({ id: 'IncludedFolder' });
export type IncludedFolder = z.infer<typeof IncludedFolder>;
