/** The code that runs inside of the engine's sandbox of workflows: small, whole, and without what it must not load. */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { WORKFLOW_CODE } from '../../src/worker/bundle.ts';

describe('the workflow bundle', () => {
  it('holds the machine, none of the heavy packages, and stays near 2 MB', { timeout: 60_000 }, async () => {
    const { code } = await bundleWorkflowCode({
      ...WORKFLOW_CODE,
      logger: new DefaultLogger('ERROR'),
    });
    expect(code).toContain('src/domain/session/decide.ts');
    expect(code).toContain('src/workflows/session/session.ts');
    const packages = new Set(
      [...code.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(([, name]) => String(name)),
    );
    expect([...packages].toSorted()).toEqual(['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc']); // zod alone costs nine times the memory
    expect(code).not.toMatch(/src\/(store|sandbox|harnesses|api|cli)\//);
    expect(code.length).toBeLessThan(2_200_000);
  });
});
