/** The store as evidence: read only, beside whoever uses it. */
import type { Sha256 } from '../domain/canonical.ts';
import { createBlobFiles } from './blobs/files.ts';
import { createAudit, type Audit } from './log/audit.ts';
import { readSqlite } from './sqlite/read-only.ts';

export interface AuditParts {
  readonly file: string;
  readonly blobs_dir: string;
  readonly sha256: Sha256;
}

/** Throws what opening a store throws. */
export function openAudit({ file, blobs_dir, sha256 }: AuditParts): Audit & { close(): void } {
  const { read, close } = readSqlite(file);
  const files = createBlobFiles(blobs_dir, () => {
    throw new TypeError('An audit keeps nothing.');
  });
  return { ...createAudit({ read, files, sha256 }), close };
}
