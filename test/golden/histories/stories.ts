/** Sessions as they are played for the golden histories: the workflow and the engine are real, the test plays its activities. */
import { createHash } from 'node:crypto';
import { createEngine, workflowIdOf } from '../../../src/api/engine/index.ts';
import type { SessionRecord } from '../../../src/domain/ports/records.ts';
import { approvalId } from '../../../src/domain/session/approval-id.ts';
import type { SessionInput } from '../../../src/workflows/session/input.ts';
import * as messages from '../../../src/workflows/session/messages.ts';
import type { TestEngine } from '../../support/engine.ts';
import type { FakeHost, PlayedTurn } from '../../support/fake-host.ts';
import { until } from '../../support/until.ts';

const ANN = { actor: { type: 'user', id: 'ann' }, via: 'cli' } as const;
const DONE = { kind: 'completed', stop_reason: 'end_turn' } as const;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const blob = (text: string) => ({ $blob: sha256(text), bytes: text.length });

export interface Stage {
  readonly server: TestEngine;
  readonly host: FakeHost;
}

interface Actor {
  readonly id: string;
  say(text: string, delivery?: 'queue' | 'steer'): Promise<unknown>;
  turn(): Promise<PlayedTurn>;
  logged(type: string, count?: number): Promise<unknown>;
  ask(turn: PlayedTurn, what?: string): Promise<string>;
  allow(approval_id: string, what?: string): Promise<unknown>;
  /** Resolves when the running turn was told to yield. */
  mustMove(): Promise<unknown>;
  interrupt(): Promise<unknown>;
  close(): Promise<void>;
  /** Resolves when so many runs have been begun. */
  runs(count: number): Promise<unknown>;
}

/** Each ends with the session, so that its last run is whole. */
export const STORIES: Readonly<
  Record<string, { readonly play: (actor: Actor) => Promise<void>; readonly input?: Partial<SessionInput> }>
> = {
  'prompt-completed': {
    async play({ say, turn, logged }) {
      await say('hello');
      (await turn()).end(DONE);
      await logged('turn.completed');
    },
  },
  'approval-held': {
    async play({ say, turn, ask, allow, logged }) {
      await say('push');
      const running = await turn();
      await allow(await ask(running));
      await logged('approval.resolved');
      running.end(DONE);
      await logged('turn.completed');
    },
  },
  'suspended-resumed': {
    async play({ say, turn, ask, allow, logged }) {
      await say('push');
      const running = await turn();
      const approval_id = await ask(running);
      running.end({ kind: 'suspended', approval_ids: [approval_id] });
      await logged('turn.suspended');
      await allow(approval_id);
      (await turn()).end(DONE);
      await logged('turn.completed');
    },
  },
  interrupted: {
    async play({ say, turn, interrupt, logged }) {
      await say('long');
      await turn(); // it ends by being told to
      await interrupt();
      await logged('turn.cancelled');
    },
  },
  steered: {
    async play({ say, turn, logged }) {
      await say('paint it red');
      const running = await turn();
      await say('no, blue', 'steer');
      await logged('user.message', 2);
      running.end(DONE);
      await logged('turn.completed');
    },
  },
  queued: {
    async play({ say, turn, logged }) {
      await say('one');
      await say('two');
      await say('three');
      for (let n = 0; n < 3; n++) (await turn()).end(DONE);
      await logged('turn.completed', 3);
    },
  },
  'rolled-over': {
    input: { roll_after_events: 40 },
    async play({ say, turn, ask, allow, logged, runs }) {
      await say('push');
      const running = await turn();
      const approval_id = await ask(running);
      running.end({ kind: 'suspended', approval_ids: [approval_id] });
      await logged('turn.suspended');
      await say('and then');
      await runs(2);
      await allow(approval_id);
      (await turn()).end(DONE);
      (await turn()).end(DONE);
      await logged('turn.completed', 2);
    },
  },
  moved: {
    async play({ say, turn, ask, allow, logged }) {
      await say('push');
      const running = await turn();
      await ask(running);
      running.end({ kind: 'moved' });
      const next = await turn();
      await allow(await ask(next));
      await logged('approval.resolved');
      next.end(DONE);
      await logged('turn.completed');
    },
  },
  'moved-when-full': {
    async play({ say, turn, ask, allow, mustMove, logged, runs }) {
      await say('push, and push');
      const running = await turn();
      for (let n = 0; n < 9; n++) await allow(await ask(running, `push ${n}`), `push ${n}`);
      await mustMove();
      running.end({ kind: 'moved' });
      await runs(2);
      const next = await turn();
      await allow(await ask(next));
      await logged('approval.resolved', 10);
      next.end(DONE);
      await logged('turn.completed');
    },
  },
};

/** Lowered, so that a run is full while a story is told. */
export const LIMITS = { 'history.maxTotalUpdates': 20 } as const;

/** Plays one story to its end; resolves with the id of its workflow. */
export async function play(name: string, stage: Stage): Promise<string> {
  const story = STORIES[name];
  if (!story) throw new Error(`There is no story ${name}.`);
  const actor = actorOf(name, stage, story.input);
  await story.play(actor);
  await actor.close();
  return workflowIdOf(actor.id);
}

function actorOf(name: string, { server, host }: Stage, more: Partial<SessionInput> = {}): Actor {
  const id = `ses_golden_${name}`;
  const workflow = () => server.client.workflow.getHandle(workflowIdOf(id));
  const record: SessionRecord = {
    session_id: id,
    agent: { name: 'golden', harness: 'scripted', sandbox: 'none' },
    project_id: null,
    base_ref: null,
    base_commit: null,
    include: [],
    title: name,
    created_at: '2026-11-25T00:00:00.000Z',
    created_by: 'user:ann',
  };
  const engine = createEngine({
    client: server.client,
    records: { session: async () => record },
    blobs: { put: async (text) => blob(String(text)) },
    describe: () => ({ policy_version: 'p1', steers: true, about: { title: name }, ...more }),
  });
  return {
    id,
    say: (text, delivery = 'queue') =>
      engine.say(record, delivery, {
        client_id: text,
        turn_id: `trn_${sha256(`${id} ${text}`).slice(0, 12)}`,
        content: blob(text),
        ...ANN,
      }),
    turn: () => host.nextTurn(id),
    logged: (type, count) => host.logged(id, type, count),
    async ask({ input: { turn_id, attempt } }, what = 'git push') {
      const digest = sha256(what);
      const approval_id = approvalId({ turn_id, digest, ordinal: 0 }, sha256);
      const asked = {
        approval_id,
        turn_id,
        attempt,
        digest,
        kind: 'tool',
        action: blob(what),
        rules: ['push'],
        grantable: 'session',
        approvers: null,
        on_expiry: 'pause',
        expires_in_s: 3600,
        card: blob('card'),
      } as const;
      await workflow().executeUpdate(messages.requestApproval, {
        args: [asked],
        updateId: `${approval_id}#${attempt}`,
      });
      return approval_id;
    },
    mustMove: () => until(`${id} told to yield`, () => host.moving.length > 0),
    allow: (approval_id, what = 'git push') =>
      engine.decideApproval(
        id,
        {
          approval_id,
          digest: sha256(what),
          decision: 'allow_once',
          grant_id: `grt_${approval_id.slice(4)}`,
          ...ANN,
        },
        `${approval_id} ann`,
      ),
    interrupt: () => engine.interrupt(id, ANN, `${id} interrupt`),
    async close() {
      await engine.close(id, ANN, `${id} close`);
      await workflow().result();
    },
    runs: (count) =>
      until(`run ${count} of ${id}`, async () => {
        let seen = 0;
        for await (const _run of server.client.workflow.list({ query: `WorkflowId = "${workflowIdOf(id)}"` })) seen++;
        return seen >= count;
      }),
  };
}
