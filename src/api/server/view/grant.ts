/** A lasting grant as it was written, for the list. */
import { Grant } from '../../../domain/approval/schema.ts';
import type { ListedGrant } from '../../contract/approval.ts';

export function grantView(project_id: string, written: Readonly<Record<string, unknown>>): ListedGrant {
  const { grant_id, ...grant } = Grant.parse(written);
  return { object: 'grant', id: grant_id, project_id, ...grant };
}
