/** The door of the store. */
export { openStore, type Store } from './open.ts';
export { openAudit } from './open-audit.ts';
export { blobRows, digestsIn, eachDigest, oldKeys, removeBlobRows, removeOldKeys } from './sqlite/garbage.ts';
export { forgetProcesses, holdStill, leasesNow, type LeaseSeen } from './sqlite/moment.ts';
export type { Audited } from './log/audit.ts';
