/** A backup of a part only would be believed to be whole: where something of the room is elsewhere, it is said how to get it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { TackError } from '../../domain/errors.ts';

export function refuseHalf({
  data_folder,
  temporal,
  database_url,
}: Pick<Config, 'data_folder' | 'temporal' | 'database_url'>): void {
  const elsewhere = [
    ...(database_url === null && !existsSync(join(data_folder, 'store.json'))
      ? []
      : [
          'The store is on Postgres (DATABASE_URL): its logs, leases and small contents are not in this folder. `pg_dump --format=custom "$DATABASE_URL"` gets them',
        ]),
    ...(temporal.address === null
      ? []
      : [
          `The engine runs elsewhere (${temporal.address}): its histories are not in this folder. Back up its database with its own means`,
        ]),
  ];
  if (elsewhere.length > 0)
    throw new TackError(
      'backup_impossible',
      `${elsewhere.join('. ')}. The parts belong to one moment: \`tack down\`, then these, and a copy of ${data_folder}, then \`tack up\`.`,
    );
  for (const file of ['store.db', 'engine/temporal.db', 'version'])
    if (!existsSync(join(data_folder, file)))
      throw new TackError('backup_impossible', `${data_folder} has no ${file}: nothing ran here yet.`);
}
