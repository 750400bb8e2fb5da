/** All handlers, by the groups of the contract table. */
import type { Handlers } from '../handler.ts';
import type { ServerParts } from '../parts.ts';
import { approvalHandlers } from './approvals.ts';
import { grantHandlers } from './grants.ts';
import { infoHandlers } from './info.ts';
import { logHandlers } from './log.ts';
import { messageHandlers } from './messages.ts';
import { policyHandlers } from './policy.ts';
import { stateHandlers } from './state.ts';
import { sessionHandlers } from './sessions.ts';

/** `document` makes the OpenAPI document. */
export function createHandlers(parts: ServerParts, document: () => Record<string, unknown>): Handlers {
  return {
    ...infoHandlers(parts, document),
    sessions: {
      ...sessionHandlers(parts),
      ...logHandlers(parts),
      ...messageHandlers(parts),
      ...policyHandlers(parts),
    },
    ...stateHandlers(parts),
    approvals: approvalHandlers(parts),
    grants: grantHandlers(parts),
  };
}
