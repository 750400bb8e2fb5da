/** The guards that can be taken out, one at a time. */
export const GUARDS = ['epoch', 'dedupe', 'grant', 'outbox', 'fence'] as const;
export type Guard = (typeof GUARDS)[number];
