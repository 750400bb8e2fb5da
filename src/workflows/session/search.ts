/** Shows the state in the engine's own lists; written when it changes, never read. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SessionState } from '../../domain/session/state.ts';

const KIND = defineSearchAttributeKey('TackKind', 'KEYWORD');
const STATE = defineSearchAttributeKey('TackState', 'KEYWORD');
const HOST = defineSearchAttributeKey('TackHost', 'KEYWORD');
const NEEDS_APPROVAL = defineSearchAttributeKey('TackNeedsApproval', 'BOOL');
const UPDATED_AT = defineSearchAttributeKey('TackUpdatedAt', 'DATETIME');

export function createMirror(): { show(state: SessionState): void } {
  let shown = '';
  return {
    show(state) {
      const phase = state.phase === 'closed' ? 'closed' : (state.turn?.phase ?? 'idle');
      const needs = Object.values(state.approvals).some(({ status }) => status === 'pending');
      const now = `${phase} ${needs} ${state.host}`;
      if (now === shown) return;
      shown = now;
      upsertSearchAttributes([
        { key: KIND, value: 'session' },
        { key: STATE, value: phase },
        { key: NEEDS_APPROVAL, value: needs },
        { key: HOST, value: state.host },
        { key: UPDATED_AT, value: new Date() },
      ]);
    },
  };
}
