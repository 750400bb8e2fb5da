/** A published package with its tests and what they need, not written here. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../e2e/job-project', import.meta.url));

/** The package as its authors published it, and beside it what its tests need. */
export function unpacked(): string {
  const made = mkdtempSync(join(tmpdir(), 'tack-job-'));
  execFileSync('npm', ['ci', '--prefix', made, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: copied(made, 'package.json', 'package-lock.json'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const needs = join(made, 'node_modules');
  const repository = join(made, 'qs');
  cpSync(join(needs, 'qs'), repository, { recursive: true });
  rmSync(join(needs, 'qs'), { recursive: true });
  cpSync(needs, join(repository, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  symlinkSync('..', join(repository, 'node_modules/qs')); // qs-iconv asks for it
  rmSync(needs, { recursive: true });
  writeFileSync(join(repository, '.gitignore'), 'node_modules\n');
  return repository;
}

function copied(to: string, ...names: readonly string[]): string {
  for (const name of names) cpSync(join(PROJECT, name), join(to, name));
  return to;
}
