/** Everything the server is made of: composed by src/server.ts, replaced one by one in tests. Types only. */
import type { Logger } from 'pino';
import type { Actor } from '../../domain/actor.ts';
import type { Sha256 } from '../../domain/canonical.ts';
import type { Id, IdKind } from '../../domain/ids.ts';
import type { Engine } from '../../domain/ports/engine.ts';
import type { Blobs, EventLog } from '../../domain/ports/event-log.ts';
import type { GitHttp } from '../../domain/ports/git-http.ts';
import type { Oversight } from '../../domain/ports/oversight.ts';
import type { Projections } from '../../domain/ports/projections.ts';
import type { Records } from '../../domain/ports/records.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';
import type { Credential, CredentialInfo } from '../../domain/wires/broker.ts';
import type { HarnessInfo, RoleInfo } from '../contract/info.ts';
import type { FrameHub } from './stream/frame-hub.ts';

/** What can be run here: shipped agents and harnesses. */
export interface Catalog {
  agents(): Promise<readonly AgentConfig[]>;
  harnesses(): Promise<readonly HarnessInfo[]>;
  /** Why no session can be isolated here, with the way out; null: it can. */
  sandboxProblem(): Promise<string | null>;
}

/** The broker as the API sees it: it takes a secret and gives none. */
export interface CredentialKeeper {
  /** `broker_unavailable` when nobody took it. */
  put(credential: Credential): Promise<CredentialInfo>;
  /** Null: the broker does not answer. */
  held(): Promise<readonly CredentialInfo[] | null>;
}

export interface ServerParts {
  readonly log: EventLog;
  readonly blobs: Blobs;
  readonly projections: Projections;
  readonly records: Records;
  readonly engine: Engine;
  readonly git: GitHttp;
  readonly credentials: CredentialKeeper;
  readonly catalog: Catalog;
  readonly hub: FrameHub;
  readonly oversight: Oversight;
  /** The roles besides this one, as they are seen from here. */
  readonly roles: () => Promise<readonly RoleInfo[]>;
  readonly token: string;
  /** Whom the token stands for. */
  readonly actor: Actor;
  readonly about: { readonly version: string; readonly data_folder: string };
  readonly sha256: Sha256;
  readonly newId: <K extends IdKind>(kind: K) => Id<K>;
  readonly now: () => string;
  readonly logger: Logger;
  readonly limits: {
    readonly heartbeat_ms: number;
    readonly client_buffer_bytes: number;
    readonly stalled_after_ms: number;
    readonly body_bytes: number;
  };
}
