/** Grants as they were kept, by whatever version: what is none allows nothing, and breaks nothing. */
import { patternProblem } from './pattern.ts';
import { Grant } from './schema.ts';

export interface ReadGrants {
  readonly grants: readonly Grant[];
  /** Ids of those that are left out, and why. */
  readonly unread: readonly string[];
}

export function readGrants(kept: readonly unknown[]): ReadGrants {
  const grants: Grant[] = [];
  const unread: string[] = [];
  for (const one of kept) {
    const read = Grant.safeParse(one);
    const problem = read.success ? read.data.pattern && patternProblem(read.data.pattern) : 'It is no grant.';
    if (read.success && !problem) grants.push(read.data);
    else unread.push(`${String((one as { readonly grant_id?: unknown } | null)?.grant_id).slice(0, 100)}: ${problem}`);
  }
  return { grants, unread };
}
