/** `node scripts/docs.ts` writes what the reference pages take from tables and schemas; a test compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { defaultTable, internalVariableTable, variableTable } from './docs/configuration.ts';
import { errorTable, exitTable } from './docs/errors.ts';
import { envelopeTable, eventTable, frameTable } from './docs/events.ts';
import { chokePointTable, harnessTable } from './docs/harnesses.ts';
import { layerTable } from './docs/layers.ts';
import { withBlock } from './docs/markdown.ts';
import { commandTable } from './docs/session.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Page → name of a block in it → what it says. */
const BLOCKS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/architecture.md': { folders: layerTable },
  'docs/reference/errors.md': { errors: errorTable, exits: exitTable },
  'docs/reference/events.md': { envelope: envelopeTable, events: eventTable, frames: frameTable },
  'docs/reference/harnesses.md': { harnesses: harnessTable, 'choke points': chokePointTable },
  'docs/reference/session.md': { commands: commandTable },
  'docs/reference/configuration.md': {
    variables: variableTable,
    internal: internalVariableTable,
    defaults: defaultTable,
  },
};

export interface Page {
  readonly path: string;
  readonly written: string;
  readonly made: string;
}

/** Each page as it stands, and as it should. */
export async function pages(): Promise<readonly Page[]> {
  const settings = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8')) as Record<string, never>;
  return Promise.all(
    Object.entries(BLOCKS).map(async ([path, blocks]) => {
      const written = readFileSync(join(ROOT, path), 'utf8');
      const filled = Object.entries(blocks).reduce((page, [name, make]) => withBlock(page, name, make()), written);
      const { code, errors } = await format(path, filled, settings);
      if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
      return { path, written, made: code };
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { path, written, made } of await pages()) if (written !== made) writeFileSync(join(ROOT, path), made);
