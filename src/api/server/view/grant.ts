/** A lasting grant, for the list: what it covers, where it counts, and who gave it. */
import { Actor } from '../../../domain/actor.ts';
import type { Grant } from '../../../domain/approval/schema.ts';
import type { ApprovalRow } from '../../../domain/ports/projections.ts';
import type { ListedGrant } from '../../contract/approval.ts';

export interface HeldGrant {
  readonly project_id: string | null;
  readonly grant: Grant;
}

/** `made`: the approval whose answer it was. */
export function grantView({ project_id, grant }: HeldGrant, made: ApprovalRow | null): ListedGrant {
  const { grant_id, ...rest } = grant;
  const actor = Actor.safeParse(made?.resolution?.['actor']);
  const at = made?.resolution?.['resolved_at'];
  return {
    object: 'grant',
    id: grant_id,
    project_id,
    session_id: made?.session_id ?? null,
    title: made?.title ?? '',
    granted_by: actor.success ? actor.data : null,
    granted_at: typeof at === 'string' ? at : null,
    ...rest,
  };
}
