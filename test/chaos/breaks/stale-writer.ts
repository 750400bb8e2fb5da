/** A worker that the engine cannot reach any more, its attempt taken over by another one: what it still does may not count. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ApplicationFailure } from '@temporalio/common';
import { ownArgv } from '../../../src/supervisor/program.ts';
import { effectsOf } from '../../support/claude-room.ts';
import { startEngine, type TestEngine } from '../../support/engine.ts';
import { processesOf } from '../../support/processes.ts';
import { scripted, shell, startSession } from '../../support/session.ts';
import { storedLog } from '../../support/stored-log.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { judgeLog } from '../judge/log.ts';
import { expectSoon, type Violation } from '../violation.ts';
import { openLine } from './line.ts';
import type { Scenario } from './play.ts';

const LEAVES = ['first', 'middle', 'last'] as const;
const [first, ...others] = LEAVES.map((word) => shell(`echo ${word} >> effects.txt`));

export const playStaleWriter: Scenario = async (up) => {
  const engine = await startEngine();
  const line = await openLine(engine.address);
  const room = openRoom({ TEMPORAL_ADDRESS: line.address, TEMPORAL_NAMESPACE: engine.namespace });
  let other: Awaited<ReturnType<typeof startOther>> | undefined;
  try {
    await up(room);
    const { id, turn_id } = await startSession(room, scripted([first, { wait_for: 'go.txt' }, ...others]));
    await expectSoon('effects file', 'the first step', () => effectsOf(room, id).length === 1);
    line.cut();
    other = await startOther(room, engine);
    await takeOver(room, engine, id);
    await expectSoon('ps', 'both attempts', () => players(id).length === 2);
    writeFileSync(join(room.workOf(id), 'go.txt'), '');
    const log = () => storedLog(room.home, id);
    await expectSoon('log on disk', 'the end of the turn', () => log().some(({ type }) => type === 'turn.completed'));
    await expectSoon('ps', 'the end of both attempts', () => processesOf(id).length === 0);
    return [...judgeWords(effectsOf(room, id)), ...judgeLog(log(), { before: [], turns: [turn_id] })];
  } finally {
    await other?.end();
    line.cut();
    await room.close();
    await engine.stop();
  }
};

/** The players of its attempts: each one is alone in its sandbox. */
const players = (session_id: string) =>
  processesOf(session_id).filter(({ command }) => command.startsWith('/opt/tackroom/bin/node'));

function judgeWords(effects: readonly string[]): readonly Violation[] {
  return effects.join() === LEAVES.join() ? [] : [{ oracle: 'effects file', what: `it holds ${effects.join(', ')}` }];
}

/** Another worker of the same data folder, with sockets of its own, and its own way to the engine. */
async function startOther(room: Room, { address, namespace }: TestEngine): Promise<{ end(): Promise<void> }> {
  const run_folder = mkdtempSync(join(tmpdir(), 'tack-run-'));
  const [command = '', ...args] = ownArgv('worker');
  const env = { ...room.env, TACK_RUN_FOLDER: run_folder, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const worker = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  worker.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  await expectSoon('ps', 'another worker', () => said.join('').includes('worker.ready'));
  return {
    async end() {
      const ended = once(worker, 'exit');
      worker.kill('SIGKILL');
      await ended;
      rmSync(run_folder, { recursive: true, force: true });
    },
  };
}

/** Its attempt is failed by its id, as for a host that was lost. */
async function takeOver({ home }: Room, { client }: TestEngine, session_id: string): Promise<void> {
  const store = new DatabaseSync(join(home, 'store.db'), { readOnly: true });
  const lease = store.prepare('select * from lease where session_id = ?').get(session_id);
  store.close();
  await client.activity.fail(
    {
      workflowId: String(lease?.['workflow_id']),
      runId: String(lease?.['workflow_run_id']),
      activityId: String(lease?.['activity_id']),
    },
    ApplicationFailure.create({ type: 'host_lost', message: 'Taken over.', nextRetryDelay: '1ms' }),
  );
}
