/** The contract of a harness: a manifest (data) and a behaviour. Nothing above src/harnesses knows a native word. */
import type { Action, ActionKind, ChokePoint } from '../domain/action/schema.ts';
import type { Content } from '../domain/content.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Frame } from '../domain/events/envelope.ts';
import type { NewEvent } from '../domain/events/new-event.ts';
import type { LimitHit, Sandbox, SessionFolders } from '../sandbox/contract.ts';

export interface HarnessManifest {
  readonly id: string;
  readonly title: string;
  /** Family of the model that it drives by default; the broker's observation decides. */
  readonly vendor: string;
  readonly default_model: string | null;
  /** The version that the contract suite was run with; null for our own. */
  readonly proven_version: string | null;
  readonly steer: boolean;
  readonly resume: boolean;
  readonly deny_reason: boolean;
  /** Needs a model credential. */
  readonly credential_ref: string | null;
  /** Which choke points see each kind of Action. The contract suite proves it. */
  readonly sees: Readonly<Record<ActionKind, readonly ChokePoint[]>>;
}

/** Asked before every tool call; may stay pending for the grace time. A rejection counts as a deny. */
export type Gate = (call: GateCall) => Promise<GateAnswer>;
export interface GateCall {
  readonly action: Action;
  /** The same call looked at anew: while somebody was asked, files that it names may have become others. */
  readonly asOfNow?: () => Action;
  /** The harness's own id of the call; for the log. */
  readonly tool_use_id: string;
  /** The harness's own name of the tool, and its input; for the log and the card. */
  readonly name: string;
  readonly input: unknown;
  readonly item_id: string;
}
/** `input`: the answer to a question (an approval of kind `question`), for the adapter to hand over. */
export type GateAnswer =
  | { readonly effect: 'allow'; readonly input?: unknown }
  | { readonly effect: 'deny'; readonly reason: string; readonly stop?: boolean };

/** What a turn yields: observations for the log, and frames for the screens. The turn's end is the last one. */
export type HarnessEvent =
  | {
      readonly kind: 'event';
      readonly event: Pick<NewEvent, 'type' | 'data'> & { /** Makes a repeated append one. */ readonly key: string };
    }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'end'; readonly end: TurnEnd };
export type TurnEnd =
  | { readonly end: 'completed'; readonly stop_reason: string; readonly usage: Usage | null }
  | { readonly end: 'interrupted' }
  | { readonly end: 'failed'; readonly code: ErrorCode; readonly message: string };
/** Tokens as the harness reports them: a cross-check, never a budget. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
  readonly cache_write: number;
}

/** Small, without secrets, only for this one harness. */
export type ResumeState = Readonly<Record<string, unknown>>;

export interface StartRequest {
  readonly session_id: string;
  readonly sandbox: Sandbox;
  readonly folders: SessionFolders;
  /** Host folder of the session's endpoint on the broker; bound at /run/tack. Null: no model is needed. */
  readonly endpoint_dir: string | null;
  readonly base_objects: string | null;
  readonly model: string | null;
  readonly instructions: string | null;
  /** Only for `scripted`. */
  readonly script: string | null;
  /** From a former attempt or turn: resume the native session from the archive alone. */
  readonly resume: { readonly state: ResumeState; readonly transcript: Uint8Array } | null;
  /** Called with each new piece of the native transcript, in order, from byte `offset`. */
  readonly archive: (offset: number, bytes: Uint8Array) => Promise<void>;
  readonly saveResume: (state: ResumeState) => Promise<void>;
  readonly limits: Readonly<Record<string, number>>;
  /** For the launch: told when a limit of the sandbox was met. */
  readonly onLimit: (hit: LimitHit) => void;
}

export interface HarnessSession {
  /** Runs one turn. A failure is the last event, never a rejection. `note` says what became of the calls of a former attempt; it precedes the content. */
  runTurn(
    turn: { readonly turn_id: string; readonly content: readonly Content[]; readonly note: string | null },
    gate: Gate,
  ): AsyncIterable<HarnessEvent>;
  /** Adds a message to the turn in flight. Present only when the manifest says `steer`. Resolves true when it was delivered. */
  steer?(content: readonly Content[]): Promise<boolean>;
  /** Ends the turn and every process it started; resolves when none is left. */
  interrupt(): Promise<void>;
  /** Leaves the pending calls unanswered, ends every process, says how to resume. */
  suspend(): Promise<ResumeState>;
  close(): Promise<void>;
}

export interface Harness {
  readonly manifest: HarnessManifest;
  /** Found on this machine? A problem comes with its way out. */
  probe(): Promise<
    | { readonly found: true; readonly version: string; readonly path: string }
    | { readonly found: false; readonly problem: string }
  >;
  start(request: StartRequest): Promise<HarnessSession>;
}
