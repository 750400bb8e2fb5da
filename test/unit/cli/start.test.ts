/** What is loaded before anything is printed: a help that takes long is a program that feels slow. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));
const PACKAGES = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/[^]*$/;
/** Says on stderr what Node loads. */
const HOOK = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { if (url.startsWith('file:')) console.error(url); return next(url, context); } });`)}`;

function loadedBy(...words: readonly string[]): readonly string[] {
  const script = `const { stderr } = require('node:child_process').spawnSync(process.execPath, process.argv.slice(1)); process.stdout.write(stderr)`;
  const said = execFileSync(process.execPath, ['-e', script, '--', '--import', HOOK, `${SRC}cli/main.ts`, ...words]);
  const files = said
    .toString()
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('file:'));
  return [...new Set(files.map((url) => PACKAGES.exec(url)?.[1] ?? url.slice(url.indexOf('/src/') + 5)))].toSorted();
}

it('tack --help loads the list of commands and no more', () => {
  expect(loadedBy('--help')).toEqual([
    'cli/commands.ts',
    'cli/main-help.ts',
    'cli/main.ts',
    'cli/output.ts',
    'domain/errors/kind.ts',
    'picocolors',
  ]);
});

it('control: the help of one command loads its parser and its schema, and this sees it', () => {
  expect(loadedBy('ls', '--help')).toEqual(expect.arrayContaining(['commander', 'zod', 'cli/commands/ls.ts']));
});
