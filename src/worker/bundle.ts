/** The workflow code as one file. Made at install and at start from source; handed in ready otherwise. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

const inWorkflows = (name: string): string =>
  fileURLToPath(new URL(`../workflows/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

/** What it is made of. */
export const WORKFLOW_CODE = { workflowsPath: inWorkflows('index'), payloadConverterPath: inWorkflows('payloads') };

export async function workflowBundle(file: string | null): Promise<WorkerOptions['workflowBundle']> {
  return file === null ? bundleWorkflowCode(WORKFLOW_CODE) : { codePath: file };
}
