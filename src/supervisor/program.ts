/** This program itself: how it is started again, and which version it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../cli/main.ts' : '../cli/main.js', import.meta.url),
);

/** The command that runs it with these words. */
export const ownArgv = (...words: readonly string[]): readonly string[] => [process.execPath, MAIN, ...words];

export const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Compiled code is kept between starts: they are faster, and every role needs 30 MB less. */
export const compileCache = (data_folder: string, env: NodeJS.ProcessEnv): { readonly NODE_COMPILE_CACHE: string } => ({
  NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(data_folder, 'tools', 'compile-cache'),
});
