/** What a person allowed for longer, taken back: from the next call on it is asked again. */
import { refuse } from '../errors.ts';
import type { Command } from './command.ts';
import type { Result } from './result.ts';
import type { SessionState } from './state.ts';

export function revokeGrant(state: SessionState, { grant_id, actor, via }: Command<'revoke_grant'>): Result {
  if (state.phase === 'closed') return refuse('session_closed', 'This session has ended.');
  const grant = state.grants.find((held) => held.grant_id === grant_id);
  if (!grant) return refuse('grant_not_found', `This session holds no grant ${grant_id}.`);
  const { approval_id, scope } = grant;
  const turn_id = state.turn?.turn_id ?? null;
  return [{ type: 'grant.revoked', turn_id, actor, via, data: { grant_id, approval_id, scope } }];
}
