/** The words of approvals, apart from schema.ts so that workflow code stays free of zod. */
export const DECISIONS = ['allow_once', 'allow_session', 'allow_always', 'deny', 'deny_and_stop', 'answer'] as const;

export const APPROVAL_KINDS = ['tool', 'plan', 'question', 'budget', 'merge', 'publish'] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

export const APPROVAL_STATUSES = ['pending', 'decided', 'expired', 'cancelled'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const ON_EXPIRY = ['pause', 'deny'] as const;
export type OnExpiry = (typeof ON_EXPIRY)[number];

/** From short to long. */
export const GRANT_SCOPES = ['once', 'session', 'always'] as const;
export type GrantScope = (typeof GRANT_SCOPES)[number];

export const byLength = (a: GrantScope, b: GrantScope): number => GRANT_SCOPES.indexOf(a) - GRANT_SCOPES.indexOf(b);
export const lastsNoLongerThan = (scope: GrantScope, limit: GrantScope): boolean => byLength(scope, limit) <= 0;
