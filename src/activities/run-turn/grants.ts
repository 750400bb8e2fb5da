/** The grants of one attempt: those of the session, of the project, and of this turn's answers. One that is for once counts once, over all attempts. */
import type { Grant } from '../../domain/approval/schema.ts';
import type { Revocations } from './revocations.ts';

export interface GrantPurse {
  available(): readonly Grant[];
  /** Lets go of what was taken back, this one too, when it is about to be added. */
  forgetRevoked(coming?: Grant): Promise<void>;
  /** False when it was for once and is used up, or was taken back. */
  add(grant: Grant): boolean;
  /** Taking one that is for once takes it away, before anybody else sees it. */
  take(grant_id: string): Grant;
}

export function createPurse(
  grants: readonly Grant[],
  { used, revocations }: { readonly used: ReadonlySet<string>; readonly revocations: Revocations },
): GrantPurse {
  const gone = new Set(used);
  const revoked = new Set<string>();
  const held = new Map<string, Grant>();

  const add = (grant: Grant): boolean => {
    if (revoked.has(grant.grant_id) || (grant.scope === 'once' && gone.has(grant.grant_id))) return false;
    held.set(grant.grant_id, grant);
    return true;
  };
  grants.forEach(add);

  return {
    available: () => [...held.values()],
    add,
    async forgetRevoked(coming) {
      const lasting = [...held.values(), ...(coming ? [coming] : [])].filter(({ scope }) => scope !== 'once');
      for (const grant_id of await revocations(lasting)) {
        revoked.add(grant_id);
        held.delete(grant_id);
      }
    },
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
