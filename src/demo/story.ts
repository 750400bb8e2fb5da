/** The story of the demo, act by act: what a person would type, and what they would see. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TackError } from '../domain/errors.ts';
import { agentFile, RULE, TASK, taskFor } from './agent.ts';
import { answer, answerAgain, type Question, type Said } from './answer.ts';
import { lookUp } from './evidence.ts';
import { EFFECTS, makeProject, OWN_LINE, TEST_COMMAND } from './project.ts';
import type { DemoRoom } from './room.ts';
import type { Found, Scene } from './scene.ts';
import { watchSession, type Watch } from './watch.ts';

/** How long the demo waits for a moment of its session, and for a person. */
const WITHIN_MS = 90_000;
const PATIENCE_MS = 6_000;

export async function play(scene: Scene): Promise<Found> {
  const { room, narrator, harness } = scene;
  narrator.step('demo', 'No key, no network, nothing of yours is touched.', { harness, data_folder: room.home });
  await room.tack('up');
  const { roles, temporal_address } = await room.status();
  const pids = Object.fromEntries(roles.map(({ role, pid }) => [role, pid]));
  narrator.step('up', `$ tack up: ${roles.map(({ role, pid }) => `${role} ${pid}`).join(', ')}`, { pids });
  await showFailing(scene);
  const { session_id, watch } = await start(scene);
  const question = await questionOf(watch);
  const { approval_id } = question;
  narrator.step('approval', `! approval ${approval_id}: rule ${RULE} asks a person`, { ...question, rule: RULE });
  const killed = await killWorker(scene, watch, approval_id);
  const said = await decide(scene, watch, question);
  await watch.until('the end of the turn', ({ type }) => type === 'turn.completed');
  await takeWork(scene, session_id, said);
  const engine = temporal_address ?? '';
  const found = { home: room.home, session_id, approval_id, ...killed, events: watch.events.length, engine };
  await lookUp(scene, found);
  return found;
}

async function showFailing({ room, narrator }: Scene): Promise<void> {
  await makeProject(room.shop, (...args) => room.type('git', ...args));
  const { shop } = room;
  narrator.step('project', `A git repository with a failing test, and a change of yours: ${shop}`, { shop });
  const tests = await room.runTests();
  if (tests.code === 0) throw new TackError('internal', 'The test of the demo does not fail.');
  narrator.step('tests_before', `$ ${TEST_COMMAND}   fails`, { exit_code: tests.code });
  narrator.quote(tests.stdout);
}

async function start(scene: Scene): Promise<{ readonly session_id: string; readonly watch: Watch }> {
  const { room, narrator, harness, stop } = scene;
  const file = join(room.home, 'demo.yaml');
  writeFileSync(file, agentFile(harness));
  const { stdout } = await room.tack('run', taskFor(harness), '--agent', file, '--detach');
  const session_id = /ses_[0-9a-z]+/.exec(stdout)?.[0];
  if (!session_id) throw new TackError('internal', `\`tack run\` named no session: ${stdout}`);
  const words = `$ tack run "${TASK}" --agent demo.yaml --detach: session ${session_id}`;
  narrator.step('session', words, { session_id, agent: file });
  const watch = watchSession({
    client: room.client('cli'),
    session_id,
    signal: stop.signal,
    show: narrator.event,
    within_ms: WITHIN_MS,
  });
  return { session_id, watch };
}

async function questionOf(watch: Watch): Promise<Question> {
  const asked = await watch.until('the approval', ({ type }) => type === 'approval.requested');
  const { id, digest } = asked.data['approval'] as { readonly id: string; readonly digest: string };
  return { approval_id: id, digest };
}

/** With `kill -9`, while the approval waits: the same question must be there again, under the same id. */
async function killWorker({ room, narrator }: Scene, watch: Watch, approval_id: string) {
  const killed_pid = await room.pidOf('worker');
  const before = watch.events.at(-1)?.seq ?? 0;
  process.kill(killed_pid, 'SIGKILL');
  const died = performance.now();
  narrator.step('killed', `$ kill -9 ${killed_pid}   the worker dies while the approval waits`, { killed_pid });
  await watch.until('the next attempt', ({ type }) => type === 'turn.resumed', before);
  await watch.until(
    'the same question',
    ({ type, data }) => type === 'policy.evaluated' && data['effect'] === 'ask',
    before,
  );
  const went_on_after_ms = Math.round(performance.now() - died);
  const worker_pid = await room.pidOf('worker');
  const seconds = (went_on_after_ms / 1000).toFixed(1);
  narrator.step(
    'went_on',
    `Worker ${worker_pid} goes on after ${seconds} s: ${approval_id} still waits, under the same id.`,
    { worker_pid, went_on_after_ms, approval_id },
  );
  return { killed_pid, went_on_after_ms };
}

async function decide({ room, narrator, keys, stop }: Scene, watch: Watch, question: Question): Promise<Said> {
  const patience_ms = keys ? PATIENCE_MS : 0;
  const words = keys
    ? `y: allow   n: deny   in ${PATIENCE_MS / 1000} s the demo allows it over REST`
    : 'Nobody is here to ask: the demo allows it over REST.';
  narrator.step('waiting', words, { patience_ms });
  const api = room.client('api');
  const said = await answer(question, {
    api,
    cli: room.client('cli'),
    keys,
    patience_ms,
    signal: stop.signal,
    stop: () => stop.abort(),
  });
  const { actor, via, data } = await watch.until('the answer', ({ type }) => type === 'approval.resolved');
  const { decision } = data;
  const { approval_id } = question;
  narrator.step('answered', `${String(decision)} by ${actor.id} via ${via}`, { approval_id, decision, actor, via });
  const refusal = await answerAgain(question, api);
  narrator.step('answered_again', `A second answer is told: ${refusal}`, { refusal });
  return said;
}

async function takeWork({ room, narrator }: Scene, session_id: string, said: Said): Promise<void> {
  await room.tack('apply', session_id);
  const { stdout: diff } = await room.type('git', 'diff', '--no-color');
  narrator.step('applied', `$ tack apply ${session_id}   onto the working tree, beside your own change:`, { diff });
  narrator.quote(diff);
  if (!diff.includes(OWN_LINE)) throw new TackError('internal', 'The change of the person was lost.');
  const { code: exit_code, stdout } = await room.runTests();
  narrator.step('tests_after', `$ ${TEST_COMMAND}   ${exit_code === 0 ? 'passes' : 'fails'}`, { exit_code });
  narrator.quote(stdout);
  if (exit_code !== 0) throw new TackError('internal', 'The test of the demo still fails.');
  const ran = effectsIn(room);
  const wanted = said === 'deny' ? 0 : 1;
  if (ran !== wanted) throw new TackError('internal', `The migration ran ${ran} times instead of ${wanted}.`);
  const words = ran === 1 ? 'ran exactly once, kill or no kill' : 'did not run: you said no';
  narrator.step('effects', `The migration ${words} (${EFFECTS}).`, { ran });
}

function effectsIn({ shop }: DemoRoom): number {
  try {
    return readFileSync(join(shop, EFFECTS), 'utf8').trim().split('\n').length;
  } catch {
    return 0; // nobody allowed it
  }
}
