/** What lists of the engine can be filtered by: a mirror of the state, it decides nothing. The engine must know them before a session starts. */
export const SEARCH_ATTRIBUTES = {
  TackKind: 'Keyword',
  TackState: 'Keyword',
  TackHost: 'Keyword',
  TackNeedsApproval: 'Bool',
  TackUpdatedAt: 'Datetime',
} as const;
