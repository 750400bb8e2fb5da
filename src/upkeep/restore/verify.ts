/** Reads an archive to its end before anything is touched: every entry is what the manifest says, and the manifest what its seal says. */
import { createHash } from 'node:crypto';
import { damaged } from '../archive/frames.ts';
import { Manifest, MANIFEST, SEAL, shownPath } from '../archive/manifest.ts';
import { readArchive, type ReadEntry } from '../archive/reader.ts';

/** Throws `backup_damaged`, which names every entry that is not what it was. */
export function verifyArchive(file: string): Manifest {
  const found: { readonly path: string; readonly sha256: string }[] = [];
  let manifest: string | undefined;
  let seal: string | undefined;
  for (const entry of readArchive(file)) {
    const path = shownPath(entry.path);
    if (path === MANIFEST) manifest = textOf(entry);
    else if (path === SEAL) seal = textOf(entry);
    else found.push({ path, sha256: entry.sha256() });
  }
  if (manifest === undefined || seal === undefined)
    throw damaged('it has no manifest: it was cut, or is none of `tack backup`');
  if (createHash('sha256').update(manifest).digest('hex') !== seal)
    throw damaged('its manifest is not what its seal says');
  const said = Manifest.parse(JSON.parse(manifest));
  const wrong = differences(said.entries, found);
  if (wrong.length > 0)
    throw damaged(`${wrong.slice(0, 5).join('; ')}${wrong.length > 5 ? `; and ${wrong.length - 5} more` : ''}`);
  return said;
}

const textOf = (entry: ReadEntry): string => Buffer.concat([...entry.content()]).toString('utf8');

type Listed = { readonly path: string; readonly sha256: string };

function differences(said: readonly Listed[], found: readonly Listed[]): readonly string[] {
  if (said.length !== found.length) {
    const missing = said.find((entry, n) => found[n]?.sha256 !== entry.sha256);
    return [`${said.length} entries were written and ${found.length} are there, from ${missing?.path ?? 'its end'} on`];
  }
  return said.flatMap((entry, n) =>
    found[n]?.sha256 === entry.sha256 ? [] : [`${entry.path} is not what was written`],
  );
}
