/** The workflow code of now with one deliberate change, as a bundle: a turn begins with a timer that no recorded history has. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const ROOT = join(import.meta.dirname, '../..');
const CHANGES = [
  ['  continueAsNew,\n', '  sleep,\n'],
  ['async function attempt(): Promise<void> {\n', '    await sleep(1000);\n'],
] as const;

/** The workflow code of these sources. */
export const bundleOf = (src = join(ROOT, 'src')): Promise<{ readonly code: string }> =>
  bundleWorkflowCode({
    workflowsPath: join(src, 'workflows/index.ts'),
    payloadConverterPath: join(src, 'workflows/payloads.ts'),
    logger: new DefaultLogger('ERROR'),
  });

export async function bundleWithATimer(): Promise<{ readonly code: string }> {
  const copy = mkdtempSync(join(tmpdir(), 'tack-other-code-'));
  try {
    for (const folder of ['workflows', 'domain', 'activities'])
      cpSync(join(ROOT, 'src', folder), join(copy, 'src', folder), { recursive: true });
    for (const name of ['node_modules', 'package.json']) symlinkSync(join(ROOT, name), join(copy, name));
    const file = join(copy, 'src/workflows/session/session.ts');
    writeFileSync(file, CHANGES.reduce(changed, readFileSync(file, 'utf8')));
    return await bundleOf(join(copy, 'src'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function changed(code: string, [behind, more]: readonly [string, string]): string {
  if (code.split(behind).length !== 2)
    throw new Error(`The session’s workflow reads otherwise now: ${JSON.stringify(behind)} is not there once.`);
  return code.replace(behind, behind + more);
}
