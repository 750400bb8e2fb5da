/** The messages of a session's workflow, by name and payload. The API imports this file; the behaviour is beside it. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DecisionWord } from '../../domain/approval/schema.ts';
import type { BlobRef } from '../../domain/content.ts';
import type { Asked } from '../../domain/session/asked.ts';
import type { RecordedDecision, WorkNote } from '../../domain/ports/engine.ts';
import type { Payloads } from '../../domain/session/command.ts';
import type { SessionState } from '../../domain/session/state.ts';

/** What ops type after `--input`: who they are is not theirs to say. */
export interface DecideBySignal {
  readonly approval_id: string;
  readonly digest: string;
  readonly decision: DecisionWord;
  readonly pattern?: Payloads['decide_approval']['pattern'];
  readonly message?: string | BlobRef;
}

export const prompt = defineUpdate<{ turn_id: string }, [Payloads['prompt']]>('prompt');
export const steer = defineUpdate<{ turn_id: string }, [Payloads['steer']]>('steer');
/** Asked by a running turn; answers at once, never when a person does. */
export const requestApproval = defineUpdate<Asked, [Payloads['request_approval']]>('request_approval');
export const decideApproval = defineUpdate<RecordedDecision, [Payloads['decide_approval']]>('decide_approval');
export const askAgain = defineUpdate<{ approval_id: string }, [Payloads['ask_again']]>('ask_again');
export const revokeGrant = defineUpdate<void, [Payloads['revoke_grant']]>('revoke_grant');
export const interrupt = defineUpdate<{ stopped: boolean }, [Payloads['interrupt']]>('interrupt');
export const close = defineUpdate<void, [Payloads['close']]>('close');
export const setPolicy = defineUpdate<void, [Payloads['set_policy']]>('set_policy');
export const setAgent = defineUpdate<void, [Payloads['set_agent']]>('set_agent');
/** What a person did with the work: an event of the log, no command of the machine. `key` makes a repeated note one. */
export const noteWork = defineUpdate<void, [WorkNote & { readonly key: string }]>('note_work');

export const decideSignal = defineSignal<[DecideBySignal]>('decide_approval');
/** Typed by ops, as a decision is. */
export const revokeSignal = defineSignal<[Pick<Payloads['revoke_grant'], 'grant_id'>]>('revoke_grant');
export const promptSignal = defineSignal<[Payloads['prompt']]>('prompt');
export const closeSignal = defineSignal<[Payloads['close']]>('close');

/** For debugging only: it needs a living worker. Screens read the log. */
export const stateQuery = defineQuery<SessionState>('state');
