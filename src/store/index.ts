/** The door of the store. */
export { openStore, type Store } from './open.ts';
export { openAudit } from './open-audit.ts';
export type { Audited } from './log/audit.ts';
