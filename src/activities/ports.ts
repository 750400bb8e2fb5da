/** What the activities need from the outside. `worker.ts` hands it in; tests hand in others. */
import type { NewEvent } from '../domain/events/new-event.ts';
import type { Frame } from '../domain/events/envelope.ts';
import type { Archive, Records, SessionRecord } from '../domain/ports/records.ts';
import type { Blobs, EventLog } from '../domain/ports/event-log.ts';
import type { Hosts, Leases } from '../domain/ports/leases.ts';
import type { Sha256 } from '../domain/canonical.ts';
import type { Action } from '../domain/action/schema.ts';
import type { GrantPattern } from '../domain/approval/schema.ts';
import type { JudgingPolicy } from '../domain/policy/index.ts';
import type { PolicyBody } from '../domain/policy/schema.ts';
import type { Payloads } from '../domain/session/command.ts';
import type { AgentConfig } from '../domain/spec/agent.ts';
import type { Harness } from '../harnesses/contract.ts';
import type { Sandbox, SessionFolders } from '../sandbox/contract.ts';
import type { Asked } from '../domain/session/asked.ts';

export interface ActivityPorts {
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly leases: Leases;
  readonly hosts: Hosts;
  readonly records: Pick<Records, 'session' | 'grants' | 'writeGrant' | 'revokeGrant' | 'isGrantRevoked'>;
  readonly archive: Archive;
  /** Throws `harness_unknown`. */
  readonly harness: (id: string) => Harness;
  readonly sandbox: (kind: Sandbox['kind']) => Sandbox;
  readonly worktrees: Worktrees;
  readonly endpoints: Endpoints;
  readonly approvals: Approvals;
  /** The policy of an agent, with the rules of one session over it. */
  readonly policyFor: (agent: AgentConfig, session?: PolicyBody) => JudgingPolicy;
  /** What a longer allow of this action may cover, shown before anybody agrees; null: nothing. */
  readonly suggestPattern: (action: Action) => GrantPattern | null;
  readonly screens: Screens;
  readonly here: Here;
  readonly sha256: Sha256;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A turn that lasts longer moves to the next activity at its next tool call. */
  readonly move_after_s: number;
}

/** This worker: the host it serves, and the process that holds its leases. */
export interface Here {
  readonly host: string;
  readonly holder: string;
}

/** Where sessions work. */
export interface Worktrees {
  /** The session's folders and worktree, made at the first call and found again at the next. */
  prepare(record: SessionRecord, sandbox: Sandbox): Promise<Worktree>;
}
export interface Worktree {
  readonly folders: SessionFolders;
  /** The project's objects; null without a project. */
  readonly base_objects: string | null;
  /** Saves the work. Null: there is no project to save it in. */
  checkpoint(
    message: string,
  ): Promise<{ readonly commit: string; readonly ref: string; readonly warnings: readonly string[] } | null>;
}

/** The broker, as a turn needs it: it stays announced across the broker's restarts until it is closed. */
export interface Endpoints {
  /** Throws `broker_unavailable` or `credential_missing`. `dir` is a host path. */
  open(session_id: string, wish: EndpointWish): Promise<{ readonly dir: string }>;
  close(session_id: string): Promise<void>;
}

/** What a turn wants of the broker: its model, with this credential. */
export interface EndpointWish {
  readonly epoch: number;
  readonly turn_id: string;
  readonly credential_ref: string;
}

/** Asks the session's workflow. */
export interface Approvals {
  /** `key` names this very asking: another one may hear another answer. */
  request(session_id: string, approval: Payloads['request_approval'], key: string): Promise<Asked>;
}

/** Whoever watches: frames may get lost, wake-ups must not. */
export interface Screens {
  frame(session_id: string, frame: Frame): void;
  wake(session_id: string, head_seq: number): void;
}

/** Appends to one session's log under the lease of one attempt. */
export type Append = (key: string, events: readonly NewEvent[]) => Promise<void>;
