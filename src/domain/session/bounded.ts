/** Keeps the state under 64 KB, whatever people type into it: what would be forgotten last is an open question. */
import type { Approval, SessionState } from './state.ts';

/** Characters of the state as JSON. The rest of the 64 KB is for what stands in two bytes. */
export const STATE_MAX = 60_000;

/** Forgets, oldest first, until it fits: answers of former turns, grants (it is asked again), client ids, answers of this turn. */
export function bounded(state: SessionState): SessionState {
  let next = state;
  for (const forget of [formerAnswer, oldestGrant, oldestClientId, anyAnswer]) {
    while (JSON.stringify(next).length > STATE_MAX) {
      const less = forget(next);
      if (less === next) break;
      next = less;
    }
  }
  return next;
}

const formerAnswer = (state: SessionState) =>
  without(state, ({ status, turn_id }) => status !== 'pending' && turn_id !== state.turn?.turn_id);
const anyAnswer = (state: SessionState) => without(state, ({ status }) => status !== 'pending');
const oldestGrant = (state: SessionState) =>
  state.grants.length > 0 ? { ...state, grants: state.grants.slice(1) } : state;
const oldestClientId = (state: SessionState) =>
  state.client_ids.length > 1 ? { ...state, client_ids: state.client_ids.slice(1) } : state;

function without(state: SessionState, isGone: (approval: Approval) => boolean): SessionState {
  const gone = Object.values(state.approvals).find(isGone);
  if (!gone) return state;
  const { [gone.approval_id]: _gone, ...approvals } = state.approvals;
  return { ...state, approvals };
}
