/** `node scripts/docs.ts` writes what the reference pages take from tables and schemas; a test compares. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'oxfmt';
import { approvalTable } from './docs/approvals.ts';
import { agentSchemaFile } from './docs/agent-schema.ts';
import { badInputTable } from './docs/bad-input.ts';
import { defaultTable, internalVariableTable, variableTable } from './docs/configuration.ts';
import { errorTable, exitTable } from './docs/errors.ts';
import { envelopeTable, eventTable, frameTable } from './docs/events.ts';
import { chokePointTable, harnessTable } from './docs/harnesses.ts';
import { layerTable } from './docs/layers.ts';
import { withBlock } from './docs/markdown.ts';
import { openApiFile } from './docs/openapi.ts';
import { routeTable } from './docs/routes.ts';
import { commandTable } from './docs/session.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Page → name of a block in it → what it says. */
const BLOCKS: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/architecture.md': { folders: layerTable },
  'docs/guide/approvals.md': { combinations: approvalTable },
  'docs/reference/api.md': { routes: routeTable },
  'docs/reference/errors.md': { errors: errorTable, exits: exitTable, 'bad input': badInputTable },
  'docs/reference/events.md': { envelope: envelopeTable, events: eventTable, frames: frameTable },
  'docs/reference/harnesses.md': { harnesses: harnessTable, 'choke points': chokePointTable },
  'docs/reference/session.md': { commands: commandTable },
  'docs/reference/configuration.md': {
    variables: variableTable,
    internal: internalVariableTable,
    defaults: defaultTable,
  },
};

/** Files that are made as a whole. */
const WHOLE: Readonly<Record<string, () => Promise<string>>> = {
  'docs/reference/agent.schema.json': agentSchemaFile,
  'docs/reference/openapi.json': openApiFile,
};

export interface Page {
  readonly path: string;
  readonly written: string;
  readonly made: string;
}

/** Each page as it stands, and as it should. */
export async function pages(): Promise<readonly Page[]> {
  const settings = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8')) as Record<string, never>;
  const writtenAt = (path: string) => (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '');
  const page = async (path: string, filled: string): Promise<Page> => {
    const { code, errors } = await format(path, filled, settings);
    if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
    return { path, written: writtenAt(path), made: code };
  };
  return Promise.all([
    ...Object.entries(BLOCKS).map(([path, blocks]) =>
      page(
        path,
        Object.entries(blocks).reduce((text, [name, make]) => withBlock(text, name, make()), writtenAt(path)),
      ),
    ),
    ...Object.entries(WHOLE).map(async ([path, make]) => page(path, await make())),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const { path, written, made } of await pages()) if (written !== made) writeFileSync(join(ROOT, path), made);
