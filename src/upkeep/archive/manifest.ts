/** What an archive says of itself, as its last words: every entry with its hash. */
import { z } from 'zod';

export const MANIFEST = 'manifest.json';
/** The hash of the manifest, behind it. */
export const SEAL = 'manifest.sha256';

export const Manifest = z.object({
  object: z.literal('backup'),
  format: z.literal(1),
  /** Of the Tackroom that made it. */
  tackroom: z.string(),
  /** Of the data folder, as its file `version` has it. */
  version: z.string(),
  made_at: z.string(),
  /** Where it was. */
  data_folder: z.string(),
  /** Whose it was, and whom sessions ran as. */
  owner_uid: z.number().int(),
  sandbox_uid: z.number().int(),
  /** How long writers waited for the moment that it shows. */
  held_ms: z.number(),
  sessions: z.number().int(),
  /** What could not be read. */
  left_out: z.array(z.string()),
  /** In their order. One that is not kept was written again behind it, or was removed since. */
  entries: z.array(z.object({ path: z.string(), sha256: z.string(), kept: z.boolean() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** A path for people and for JSON: names that are no UTF-8 are shown as well as can be. */
export const shownPath = (path: string): string => Buffer.from(path, 'latin1').toString('utf8');
