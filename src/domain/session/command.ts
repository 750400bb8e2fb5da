/** Everything that can be said to a session's machine: the commands of docs/reference/session.md, one type a row. Types only. */
import type { Actor, Via } from '../actor.ts';
import type { DecisionWord, GrantPattern } from '../approval/schema.ts';
import type { ApprovalKind, GrantScope, OnExpiry } from '../approval/words.ts';
import type { BlobRef } from '../content.ts';
import type { Outcome } from '../turn.ts';

interface By {
  readonly actor: Actor;
  readonly via: Via | null;
}
interface Says extends By {
  readonly client_id: string;
  /** `trn_` + hash of (session, client_id): the same message is the same turn. */
  readonly turn_id: string;
  readonly content: BlobRef;
}

/** What comes with each command, without `type` and `at`: the payloads of the workflow's messages. */
export interface Payloads {
  readonly prompt: Says;
  readonly steer: Says;
  /** A steer that the running harness did not take: it goes first in the queue. */
  readonly steer_missed: { readonly message: Says };
  readonly request_approval: {
    readonly approval_id: string;
    readonly turn_id: string;
    readonly attempt: number;
    readonly kind: ApprovalKind;
    readonly action: BlobRef;
    readonly digest: string;
    readonly rules: readonly string[];
    readonly grantable: GrantScope;
    readonly approvers: readonly string[] | null;
    readonly on_expiry: OnExpiry;
    readonly expires_in_s: number;
    /** For people: what the card shows (title, preview, suggested pattern …); blob. */
    readonly card: BlobRef;
  };
  readonly decide_approval: By & {
    readonly approval_id: string;
    readonly digest: string;
    readonly decision: DecisionWord;
    readonly pattern?: GrantPattern;
    readonly message?: BlobRef;
    readonly input?: BlobRef;
    /** Id for the grant that an allow makes: comes in as data. */
    readonly grant_id: string;
  };
  readonly ask_again: By & { readonly approval_id: string; readonly new_approval_id: string };
  readonly revoke_grant: By & { readonly grant_id: string };
  readonly interrupt: By & { readonly reason?: string };
  readonly close: By & { readonly reason?: string };
  /** `policy`: blob of the session's own level, in place of the one before; the version is that of all levels. */
  readonly set_policy: By & { readonly policy_version: string; readonly policy: BlobRef };
  readonly set_agent: By & { readonly agent: BlobRef; readonly steers: boolean };
  readonly attempt_started: { readonly host: string };
  readonly attempt_ended: { readonly outcome: Outcome };
  /** The clock: when the look was due, and (in `at`) when it happened. */
  readonly tick: { readonly due_at: string };
}
export type CommandType = keyof Payloads;
/** `at` is the time of the command, RFC 3339. */
export type Command<T extends CommandType = CommandType> = T extends CommandType
  ? Payloads[T] & { readonly type: T; readonly at: string }
  : never;
