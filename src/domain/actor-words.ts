/** Who may have done something, and through what, apart from actor.ts so that workflow code stays free of zod. */
export const ACTOR_TYPES = ['user', 'agent', 'policy', 'system', 'reviewer', 'operator'] as const;

/** The surface that was used. */
export const VIAS = [
  'web',
  'tui',
  'cli',
  'api',
  'mcp',
  'acp',
  'slack',
  'push',
  'webhook',
  'schedule',
  'signal',
] as const;
