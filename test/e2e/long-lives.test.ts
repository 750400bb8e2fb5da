/**
 * Long turns and long lives: the run of a session's workflow is changed under everything that can happen to it, and nothing is lost or doubled.
 * Workflow and engine are real, the limits of the engine lowered; what was written is the log of a host that the test plays.
 */
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowIdOf } from '../../src/api/engine/index.ts';
import type { Outcome } from '../../src/domain/turn.ts';
import { startEngine, type TestEngine } from '../support/engine.ts';
import { WORKFLOW_CODE } from '../../src/worker/bundle.ts';
import { quiet, startFakeHost, type FakeHost, type PlayedTurn } from '../support/fake-host.ts';
import { isLong, record } from '../support/rounds.ts';
import { ANN, blob, BOB, sha256, stageOf, type Opened, type Stage } from '../support/staged-session.ts';
import { until } from '../support/until.ts';

const DONE: Outcome = { kind: 'completed', stop_reason: 'end_turn' };
const HOUR = 3_600_000;
const STATE_MAX = 64 * 1024;

let server: TestEngine;
let bundle: WorkflowBundleWithSourceMap;
let host: FakeHost;
let stage: Stage;

beforeAll(async () => {
  const limits = isLong ? {} : { 'history.maxTotalUpdates': 30, 'limit.historyCount.suggestContinueAsNew': 300 };
  [server, bundle] = await Promise.all([
    startEngine({ limits }),
    bundleWorkflowCode({
      ...WORKFLOW_CODE,
      logger: quiet,
    }),
  ]);
  host = await startFakeHost({ ...server, workflowBundle: bundle });
  stage = stageOf({ server, host });
});
afterAll(async () => {
  await host?.stop();
  await server?.stop();
});

/** Looks at the size of the state now and then. */
function scale(session: Opened) {
  let max = 0;
  return {
    max: () => max,
    async weigh() {
      max = Math.max(max, Buffer.byteLength(JSON.stringify(await session.state())));
    },
  };
}

const signal = (session: Opened, name: 'prompt' | 'decide_approval', payload: unknown) =>
  server.client.workflow.getHandle(workflowIdOf(session.id)).signal(name, payload);

const decideBySignal = (session: Opened, approval_id: string, what: string) =>
  signal(session, 'decide_approval', { approval_id, digest: sha256(what), decision: 'allow_once' });

const dataOf = (session: Opened, type: string): readonly Readonly<Record<string, unknown>>[] =>
  host.log(session.id).flatMap((event) => (event.type === type ? [event.data] : []));

/** Those that are not there, and those that are there more than once. */
function compare(expected: readonly unknown[], met: readonly unknown[]) {
  const missing = new Set(expected).difference(new Set(met)).size;
  return { lost: missing, doubled: met.length - new Set(met).size };
}

async function replays(session: Opened): Promise<void> {
  const histories = [];
  for await (const { runId } of server.client.workflow.list({ query: `WorkflowId = '${workflowIdOf(session.id)}'` })) {
    const history = await server.client.workflow.getHandle(workflowIdOf(session.id), runId).fetchHistory();
    histories.push({ workflowId: workflowIdOf(session.id), history: JSON.parse(historyToJSON(history)) });
  }
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, histories.slice(0, 40)))
    expect(result.error).toBeUndefined();
}

describe('a turn', () => {
  const count = isLong ? 2_000 : 30;

  it(
    `with ${count} approvals moves on before its run is full, and each is answered once`,
    { timeout: 2 * HOUR },
    async () => {
      const session = stage.open('approvals');
      const { max, weigh } = scale(session);
      const { turn_id } = await session.say('work');
      const began = performance.now();
      let turn = await host.nextTurn(session.id);
      let [moves, told] = [0, host.moving.length];
      const asked: string[] = [];
      for (let n = 0; n < count; n++) {
        if (host.moving.length > told) {
          turn.end({ kind: 'moved' });
          turn = await host.nextTurn(session.id);
          expect(turn.input).toMatchObject({ turn_id, after: 'moved' });
          [moves, told] = [moves + 1, host.moving.length];
        }
        const what = `call ${n}`;
        const approval_id = await session.ask(turn, what);
        asked.push(approval_id);
        if (n % 3 === 2) await decideBySignal(session, approval_id, what);
        else await session.decide(approval_id, what, 'allow_once', n % 2 ? ANN : BOB);
        await until(`the answer to ${what}`, () =>
          host.delivered.some(({ answer }) => answer.approval_id === approval_id),
        );
        if (n % 20 === 0) await weigh();
      }
      turn.end(DONE);
      await host.logged(session.id, 'turn.completed');
      await session.folds();
      const resolved = dataOf(session, 'approval.resolved').map(({ approval_id }) => approval_id);
      const verdict = compare(asked, resolved);
      expect(verdict).toEqual({ lost: 0, doubled: 0 });
      expect(resolved).toEqual(asked);
      expect(dataOf(session, 'grant.created')).toHaveLength(count);
      expect(dataOf(session, 'turn.resumed')).toHaveLength(moves);
      expect(moves).toBeGreaterThan(0);
      expect(max()).toBeLessThan(STATE_MAX);
      const each_ms = Math.round((performance.now() - began) / count);
      record('long lives', {
        story: 'approvals in one turn',
        count,
        runs: await session.runs(),
        moves,
        ...verdict,
        state_bytes: max(),
        each_ms,
      });
      await session.engine.close(session.id, ANN, 'end');
      await replays(session);
    },
  );
});

describe('a session', () => {
  const count = isLong ? 5_000 : 40;

  it(`of ${count} turns plays each message once and in order, and stays small`, { timeout: 3 * HOUR }, async () => {
    const session = stage.open('turns', isLong ? {} : { roll_after_events: 150 });
    const { max, weigh } = scale(session);
    const said = Array.from({ length: count }, (_, n) => `message ${n}`);
    const began = performance.now();
    const acknowledged: string[] = [];
    const saying = (async () => {
      for (const words of said) {
        await until('room in the queue', () => acknowledged.length - dataOf(session, 'turn.started').length < 20);
        acknowledged.push((await session.say(words)).turn_id);
      }
    })();
    const played: string[] = [];
    for (const [n, words] of said.entries()) {
      const turn = await host.nextTurn(session.id);
      expect(turn.input.content).toEqual(blob(words));
      played.push(turn.input.turn_id);
      await end(session, turn, n);
      if (n % 50 === 0) await weigh();
    }
    await saying;
    await host.logged(session.id, 'turn.completed', count);
    await session.folds();
    await weigh();
    expect(played).toEqual(acknowledged);
    const verdict = compare(
      acknowledged,
      host.log(session.id).flatMap(({ type, turn_id }) => (type === 'turn.completed' ? [turn_id] : [])),
    );
    expect(verdict).toEqual({ lost: 0, doubled: 0 });
    expect(await session.say(said.at(-1) ?? '')).toEqual({ turn_id: acknowledged.at(-1) }); // said again: the same turn
    expect(dataOf(session, 'user.message')).toHaveLength(count);
    expect(max()).toBeLessThan(STATE_MAX);
    const each_ms = Math.round((performance.now() - began) / count);
    const runs = await session.runs();
    expect(runs).toBeGreaterThan(3);
    record('long lives', {
      story: 'turns of one session',
      count,
      runs,
      moves: 0,
      ...verdict,
      state_bytes: max(),
      each_ms,
    });
    await session.engine.close(session.id, ANN, 'end');
    await replays(session);
  });

  /** Most just end; some ask, some wait without a process. */
  async function end(session: Opened, turn: PlayedTurn, n: number): Promise<void> {
    if (n % 20 !== 7) return turn.end(DONE);
    const what = `call ${n}`;
    const approval_id = await session.ask(turn, what);
    if (n % 40 === 7) {
      turn.end({ kind: 'suspended', approval_ids: [approval_id] });
      await session.decide(approval_id, what);
      return (await host.nextTurn(session.id)).end(DONE);
    }
    await session.decide(approval_id, what, 'deny');
    turn.end(DONE);
  }
});

describe('what arrives while the run changes', () => {
  const count = isLong ? 100 : 8;

  it(`comes in once: ${count} of each Update and Signal, most of them sent twice`, { timeout: HOUR }, async () => {
    const session = stage.open('storm', { roll_after_events: 25 });
    const { max, weigh } = scale(session);
    const numbers = Array.from({ length: count }, (_, n) => n);
    const began = performance.now();
    const heard = (client_id: string) =>
      dataOf(session, 'user.message').some((data) => data['client_id'] === client_id);
    const both = <T>(send: () => Promise<T>) => Promise.all([send(), send()]);
    let ended = 0;

    const updates = async () => {
      for (const n of numbers) {
        const [first, again] = await both(() => session.say(`update ${n}`));
        expect(again).toEqual(first);
        await until('its turn', () => ended >= n * 2 - 8);
      }
    };
    const signals = async () => {
      for (const n of numbers) {
        const turn_id = `trn_${sha256(`signal ${n}`).slice(0, 12)}`;
        const said = { client_id: `signal ${n}`, turn_id, content: blob(`signal ${n}`), ...ANN };
        await both(() =>
          until('the engine to take it', () =>
            signal(session, 'prompt', said).then(
              () => true,
              () => undefined,
            ),
          ),
        );
        await until('it in the log', () => heard(`signal ${n}`));
        await until('its turn', () => ended >= n * 2 - 8);
      }
    };
    const notes = async () => {
      for (const n of numbers) {
        const note = { what: 'applied', commit: sha256(`${n}`).slice(0, 40), branch: `tack/${n}`, ...ANN } as const;
        await both(() => session.engine.noteWork(session.id, note, `note ${n}`));
      }
    };
    const policies = async () => {
      for (const n of numbers)
        await both(() =>
          session.engine.setPolicy(
            session.record,
            { policy_version: `p${n}`, policy: blob(`p${n}`), ...BOB },
            `policy ${n}`,
          ),
        );
    };
    const turns = async () => {
      for (let n = 0; n < count * 2; n++) {
        const turn = await host.nextTurn(session.id);
        const what = `call ${n}`;
        const approval_id = await session.ask(turn, what);
        if (n % 2) turn.end({ kind: 'suspended', approval_ids: [approval_id] });
        if (n % 3) await Promise.allSettled([session.decide(approval_id, what), session.decide(approval_id, what)]);
        else
          await until('the engine to take it', () =>
            decideBySignal(session, approval_id, what).then(
              () => true,
              () => undefined,
            ),
          );
        if (n % 2) (await host.nextTurn(session.id)).end(DONE);
        else {
          await until('the answer', () => host.delivered.some(({ answer }) => answer.approval_id === approval_id));
          turn.end(n % 4 ? DONE : { kind: 'moved' });
          if (n % 4 === 0) (await host.nextTurn(session.id)).end(DONE);
        }
        ended++;
        await weigh();
      }
    };
    await session.say('update 0');
    await Promise.all([updates(), signals(), notes(), policies(), turns()]);
    await host.logged(session.id, 'turn.completed', count * 2);
    await session.folds();

    const expected = numbers.flatMap((n) => [`update ${n}`, `signal ${n}`]);
    const messages_met = compare(
      expected,
      dataOf(session, 'user.message').map(({ client_id }) => client_id),
    );
    const turns_met = compare(
      dataOf(session, 'user.message').map(({ client_id }) => client_id),
      dataOf(session, 'turn.started').map(({ message }) => (message as { client_id: string }).client_id),
    );
    const notes_met = compare(
      numbers.map((n) => `tack/${n}`),
      dataOf(session, 'work.applied').map(({ branch }) => branch),
    );
    const policies_met = compare(
      numbers.map((n) => `p${n}`),
      dataOf(session, 'session.updated').map(({ policy_version }) => policy_version),
    );
    const answers_met = compare(
      dataOf(session, 'approval.requested').map(({ approval }) => (approval as { id: string }).id),
      dataOf(session, 'approval.resolved').map(({ approval_id }) => approval_id),
    );
    for (const met of [messages_met, turns_met, notes_met, policies_met, answers_met])
      expect(met).toEqual({ lost: 0, doubled: 0 });
    expect(dataOf(session, 'approval.resolved').every(({ outcome }) => outcome === 'decided')).toBe(true);
    expect(max()).toBeLessThan(STATE_MAX);
    const runs = await session.runs();
    expect(runs).toBeGreaterThan(count);
    record('long lives', {
      story: 'messages while runs change',
      count: count * 6,
      runs,
      moves: count / 2,
      lost: 0,
      doubled: 0,
      state_bytes: max(),
      each_ms: Math.round((performance.now() - began) / (count * 6)),
    });
    await session.engine.close(session.id, ANN, 'end');
    await replays(session);
  });
});
