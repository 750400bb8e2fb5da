/**
 * Records the golden histories of today's workflow: `./tack exec node test/golden/histories/record.ts 2026-11-25 [story …]`.
 * They come from a real engine, one file a run. The era is the day from which on this code ran; what is there stays as it is.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode } from '@temporalio/worker';
import { startEngine } from '../../support/engine.ts';
import { WORKFLOW_CODE } from '../../../src/worker/bundle.ts';
import { quiet, startFakeHost } from '../../support/fake-host.ts';
import { LIMITS, play, STORIES, type Stage } from './stories.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const [era, ...asked] = process.argv.slice(2);
if (!/^\d{4}-\d\d-\d\d$/.test(era ?? '')) throw new Error('Say which era, such as 2026-11-25.');

const [server, workflowBundle] = await Promise.all([
  startEngine({ limits: LIMITS }),
  bundleWorkflowCode({
    ...WORKFLOW_CODE,
    logger: quiet,
  }),
]);
const host = await startFakeHost({ ...server, workflowBundle });
try {
  for (const name of asked.length > 0 ? asked : Object.keys(STORIES)) await record(name, { server, host });
} finally {
  await host.stop();
  await server.stop();
}

async function record(name: string, stage: Stage): Promise<void> {
  const workflow_id = await play(name, stage);
  const runs: { readonly run_id: string; readonly began: number }[] = [];
  for await (const { runId, startTime } of stage.server.client.workflow.list({
    query: `WorkflowId = "${workflow_id}"`,
  }))
    runs.push({ run_id: runId, began: startTime.getTime() });
  for (const [n, { run_id }] of runs.toSorted((a, b) => a.began - b.began).entries()) {
    const file = join(FOLDER, `${name}${runs.length > 1 ? `-${n + 1}` : ''}.${era}.json`);
    if (existsSync(file)) throw new Error(`${file} is there: a recorded history is never recorded again.`);
    const history = await stage.server.client.workflow.getHandle(workflow_id, run_id).fetchHistory();
    writeFileSync(file, lines(nameless(historyToJSON(history))));
    process.stdout.write(`${file}\n`);
  }
}

/** Who served it, and on which queue of their own, names a machine and a process: no replay looks at it. */
function nameless(json: string): { readonly events: readonly unknown[] } {
  return JSON.parse(json, (key, value: unknown) => {
    if (key === 'identity' && value !== '') return 'recorded';
    if (key === 'taskQueue' && (value as { kind?: string }).kind === 'TASK_QUEUE_KIND_STICKY')
      return { ...(value as object), name: 'sticky' };
    return value;
  }) as { events: readonly unknown[] };
}

/** An event a line. */
function lines({ events }: { readonly events: readonly unknown[] }): string {
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}
