/** The workflow code as one file. Made at install and at start from source; handed in ready otherwise. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js',
  import.meta.url,
);

export async function workflowBundle(file: string | null): Promise<WorkerOptions['workflowBundle']> {
  return file === null ? bundleWorkflowCode({ workflowsPath: fileURLToPath(ENTRY) }) : { codePath: file };
}
