/** What follows from the machine's events. All of it waits for the log, but the stop; all of it is counted, so that a change of runs waits for it. */
import { CancellationScope } from '@temporalio/workflow';
import type { Grant } from '../../domain/approval/schema.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import type { SessionEvent } from '../../domain/session/event.ts';
import type { Message, SessionState } from '../../domain/session/state.ts';
import type { HostLease } from '../../domain/turn.ts';
import { controlOf, policyOf, pool } from './activities.ts';
import { answerOf } from './answers.ts';
import type { Outbox } from './outbox.ts';

/** The attempt that runs now. */
export interface Live {
  lease: HostLease | undefined;
  cancel: (() => void) | undefined;
}

export interface EffectParts {
  readonly session_id: string;
  readonly outbox: Outbox;
  readonly live: Live;
  readonly state: () => SessionState;
  /** The harness did not take this message. */
  readonly missed: (message: Message) => void;
}

export interface Effects {
  follow(event: SessionEvent): void;
  isIdle(): boolean;
  /** No turn judges by a policy that is no longer the session's. */
  isPolicyTold(): boolean;
}

export function createEffects({ session_id, outbox, live, state, missed }: EffectParts): Effects {
  let running = 0;
  let telling = 0;

  /** Nobody waits for an effect: a failed one has given up for good, and its activity says so. */
  function start(effect: () => Promise<void>): void {
    running++;
    void CancellationScope.nonCancellable(effect)
      .catch(() => undefined)
      .finally(() => running--);
  }
  const afterLog = (effect: () => Promise<void>) =>
    start(async () => {
      await outbox.flushed();
      await effect();
    });

  /** One after the other: what is taken back was written before. */
  let kept = Promise.resolve();
  const keep = (write: () => Promise<void>) => afterLog(() => (kept = kept.then(write)));

  function stop(): void {
    const { lease, cancel } = live;
    const turn_id = state().turn?.turn_id;
    if (lease && turn_id) start(() => controlOf(lease).killTurn({ session_id, turn_id }));
    cancel?.();
  }

  function tellPolicy(): void {
    telling++;
    afterLog(async () => {
      try {
        const { lease } = live;
        const turn_id = state().turn?.turn_id;
        if (lease && turn_id) await policyOf(lease).policyChanged({ session_id, turn_id }); // one that starts later reads the log
      } finally {
        telling--;
      }
    });
  }

  function deliver(approval_id: string): void {
    afterLog(async () => {
      const { lease } = live;
      const turn_id = state().turn?.turn_id;
      const approval = state().approvals[approval_id];
      const answer = approval && answerOf(approval);
      if (lease && turn_id && answer) await controlOf(lease).deliverDecision({ session_id, turn_id, answer });
    });
  }

  function steer(event: NewEvent): void {
    const { lease } = live;
    const { own_turn_id, client_id, content } = event.data as {
      readonly own_turn_id: string;
      readonly client_id: string;
      readonly content: Message['content'];
    };
    const message: Message = { client_id, turn_id: own_turn_id, content, actor: event.actor, via: event.via };
    afterLog(async () => {
      const taken =
        lease &&
        (await controlOf(lease)
          .steer({ session_id, turn_id: event.turn_id ?? '', content })
          .catch(() => undefined));
      if (!taken?.delivered) missed(message);
    });
  }

  return {
    isIdle: () => running === 0,
    isPolicyTold: () => telling === 0,
    follow(event) {
      const { data } = event;
      switch (event.type) {
        case 'session.updated':
          return data['session_policy'] === undefined ? undefined : tellPolicy();
        case 'approval.requested':
          return afterLog(() =>
            pool.notifyApproval({ session_id, approval_id: (data['approval'] as { id: string }).id }),
          );
        case 'approval.resolved':
          return deliver(String(data['approval_id']));
        case 'grant.created': {
          const grant = data as unknown as Grant;
          return grant.scope === 'always' ? keep(() => pool.writeGrant({ session_id, grant })) : undefined;
        }
        case 'grant.revoked':
          return data['scope'] === 'always'
            ? keep(() => pool.revokeGrant({ grant_id: String(data['grant_id']) }))
            : undefined;
        case 'user.message':
          return data['delivery'] === 'steer' ? steer(event) : undefined;
        case 'user.interrupt':
          return stop();
        default:
          return undefined;
      }
    },
  };
}
