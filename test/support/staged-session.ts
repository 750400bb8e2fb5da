/** Sessions for tests of the workflow: driven through the engine's port and by messages, with the log of a fake host as what was written. */
import { createHash } from 'node:crypto';
import { createEngine, workflowIdOf } from '../../src/api/engine/index.ts';
import type { SessionRecord } from '../../src/domain/ports/records.ts';
import type { Engine } from '../../src/domain/ports/engine.ts';
import { evolve } from '../../src/domain/session/evolve.ts';
import { approvalId } from '../../src/domain/session/approval-id.ts';
import type { SessionState } from '../../src/domain/session/state.ts';
import type { Payloads } from '../../src/domain/session/command.ts';
import * as messages from '../../src/workflows/session/messages.ts';
import type { SessionInput } from '../../src/workflows/session/input.ts';
import type { TestEngine } from './engine.ts';
import type { FakeHost, PlayedTurn } from './fake-host.ts';
import { until } from './until.ts';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
export const blob = (text: string) => ({ $blob: sha256(text), bytes: text.length });
export const ANN = { actor: { type: 'user', id: 'ann' }, via: 'cli' } as const;
export const BOB = { actor: { type: 'user', id: 'bob' }, via: 'web' } as const;

/** A session whose workflow and engine are real, and whose activities the test plays. */
export interface Opened {
  readonly id: string;
  readonly record: SessionRecord;
  readonly engine: Engine;
  say(text: string, delivery?: 'queue' | 'steer'): Promise<{ readonly turn_id: string }>;
  /** Asks as the running turn does. */
  ask(turn: PlayedTurn, what: string, more?: Partial<Payloads['request_approval']>): Promise<string>;
  decide(approval_id: string, what: string, decision?: string, by?: typeof ANN | typeof BOB): Promise<unknown>;
  state(): Promise<SessionState>;
  /** The runs of its workflow so far. */
  runs(): Promise<number>;
  /** The fold of the log is the state. */
  folds(): Promise<void>;
}

export interface Stage {
  open(name: string, more?: Partial<SessionInput>): Opened;
}

export const stageOf = (parts: { readonly server: TestEngine; readonly host: FakeHost }): Stage => ({
  open: (name, more) => openSession(parts, name, more),
});

function openSession(
  { server, host }: { readonly server: TestEngine; readonly host: FakeHost },
  name: string,
  more: Partial<SessionInput> = {},
): Opened {
  const id = `ses_${name}`;
  const record: SessionRecord = {
    session_id: id,
    agent: { name: 'test', harness: 'scripted', sandbox: 'none' },
    project_id: null,
    base_ref: null,
    base_commit: null,
    include: [],
    title: name,
    created_at: '2026-11-24T00:00:00.000Z',
    created_by: 'user:ann',
  };
  const engine = createEngine({
    client: server.client,
    records: { session: async (session_id) => (session_id === id ? record : null) },
    blobs: { put: async (text) => blob(String(text)) },
    describe: () => ({ policy_version: 'p1', steers: true, about: { title: name }, ...more }),
  });
  let asked = 0;
  return {
    id,
    record,
    engine,
    say: (text, delivery = 'queue') =>
      engine.say(record, delivery, {
        client_id: text,
        turn_id: `trn_${sha256(`${id} ${text}`).slice(0, 12)}`,
        content: blob(text),
        ...ANN,
      }),
    async ask({ input }, what, extra = {}) {
      const approval_id = approvalId({ turn_id: input.turn_id, digest: sha256(what), ordinal: 0 }, sha256);
      const payload = {
        approval_id,
        turn_id: input.turn_id,
        attempt: input.attempt,
        kind: 'tool',
        action: blob(what),
        digest: sha256(what),
        rules: ['push'],
        grantable: 'session',
        approvers: null,
        on_expiry: 'pause',
        expires_in_s: 3600,
        card: blob(`card ${what}`),
        ...extra,
      } as const;
      await server.client.workflow.getHandle(workflowIdOf(id)).executeUpdate(messages.requestApproval, {
        args: [payload],
        updateId: `${approval_id}#${input.attempt}.${++asked}`,
      });
      return approval_id;
    },
    decide: (approval_id, what, decision = 'allow_once', by = ANN) =>
      engine.decideApproval(
        id,
        {
          approval_id,
          digest: sha256(what),
          decision: decision as 'deny',
          grant_id: `grt_${approval_id.slice(4)}`,
          ...by,
        },
        `${approval_id} ${by.actor.id} ${decision}`,
      ),
    state: () => server.client.workflow.getHandle(workflowIdOf(id)).query(messages.stateQuery),
    async runs() {
      let count = 0;
      for await (const _run of server.client.workflow.list({ query: `WorkflowId = "${workflowIdOf(id)}"` })) count++;
      return count;
    },
    async folds() {
      await until(`the fold of ${id}`, async () => {
        const state = await this.state(); // each time: the next turn may begin meanwhile
        const folded = host.log(id).reduce<SessionState>(evolve, undefined as never);
        return JSON.stringify(folded) === JSON.stringify(state);
      });
    },
  };
}
