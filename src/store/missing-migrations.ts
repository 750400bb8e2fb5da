/** Which steps a database still lacks: forward only, by the texts that it was made with. */
import type { Sha256 } from '../domain/canonical.ts';
import { TackError } from '../domain/errors.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
export interface Applied {
  readonly version: number;
  readonly digest: string;
}

/** Throws `store_version` when the database is newer, or was made by another text of the same step. */
export function missingMigrations(
  applied: readonly Applied[],
  migrations: readonly Migration[],
  sha256: Sha256,
): readonly Migration[] {
  for (const { version, digest } of applied) {
    const ours = migrations.find((migration) => migration.version === version);
    if (!ours)
      throw new TackError(
        'store_version',
        `The store is at version ${Math.max(...applied.map((row) => row.version))}; this program knows ${migrations.at(-1)?.version}.`,
      );
    if (sha256(ours.sql) !== digest)
      throw new TackError('store_version', `Version ${ours.version} of the store was made by another build.`);
  }
  return migrations.filter(({ version }) => !applied.some((row) => row.version === version));
}
