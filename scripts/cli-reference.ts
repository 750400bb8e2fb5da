/** Writes docs/reference/cli.md from the rows of the command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../src/cli/commands.ts';
import { cliReference } from '../src/cli/reference.ts';

const FILE = fileURLToPath(new URL('../docs/reference/cli.md', import.meta.url));

const documented = await Promise.all(COMMANDS.map(async (row) => ({ row, definition: await row.load() })));
mkdirSync(dirname(FILE), { recursive: true });
writeFileSync(FILE, cliReference(documented));
