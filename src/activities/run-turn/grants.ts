/** The grants of one attempt: those of the session, of the project, and of this turn's answers. One that is for once counts once, over all attempts. */
import type { Grant } from '../../domain/approval/schema.ts';

export interface GrantPurse {
  available(): readonly Grant[];
  /** False when it was for once and is used up. */
  add(grant: Grant): boolean;
  /** Taking one that is for once takes it away, before anybody else sees it. */
  take(grant_id: string): Grant;
}

export function createPurse(grants: readonly Grant[], used: ReadonlySet<string>): GrantPurse {
  const gone = new Set(used);
  const held = new Map<string, Grant>();

  const add = (grant: Grant): boolean => {
    if (grant.scope === 'once' && gone.has(grant.grant_id)) return false;
    held.set(grant.grant_id, grant);
    return true;
  };
  grants.forEach(add);

  return {
    available: () => [...held.values()],
    add,
    take(grant_id) {
      const grant = held.get(grant_id);
      if (!grant) throw new TypeError(`Nobody holds the grant ${grant_id}.`);
      if (grant.scope === 'once') {
        gone.add(grant_id);
        held.delete(grant_id);
      }
      return grant;
    },
  };
}
