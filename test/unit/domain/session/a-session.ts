/** Builders for tests of the machine: a session in each phase, and the commands said to it. */
import { createHash } from 'node:crypto';
import { isRefusal } from '../../../../src/domain/errors.ts';
import type { Command, CommandType, Payloads } from '../../../../src/domain/session/command.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import type { SessionEvent } from '../../../../src/domain/session/event.ts';
import { evolve } from '../../../../src/domain/session/evolve.ts';
import { created, initial } from '../../../../src/domain/session/initial.ts';
import type { SessionLimits, SessionState } from '../../../../src/domain/session/state.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const ANNA = { type: 'user', id: 'user:anna' } as const;
export const BEN = { type: 'user', id: 'user:ben' } as const;
export const START = Date.parse('2026-11-24T12:00:00.000Z');
export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
export const blob = (text: string) => ({ $blob: sha256(text), bytes: text.length });

export interface Told {
  readonly state: SessionState;
  /** The whole log so far. */
  readonly log: readonly SessionEvent[];
}

export function aSession(
  over: { readonly steers?: boolean; readonly limits?: Partial<SessionLimits>; readonly session_id?: string } = {},
): Told {
  const first = created({
    session_id: 'ses_00000000000000000000000001',
    agent: blob('agent'),
    policy_version: 'v1',
    steers: true,
    about: { title: 'A session', agent: 'coder', harness: 'scripted' },
    actor: ANNA,
    via: 'cli',
    ...over,
  });
  return { state: initial(first.data), log: [first] };
}

export const command = <T extends CommandType>(type: T, payload: Payloads[T], seconds = 0): Command<T> =>
  ({ ...payload, type, at: at(seconds) }) as unknown as Command<T>;

/** Decides, and folds what was decided. A refusal fails the test. */
export function tell(told: Told, ...commands: readonly Command[]): Told {
  return commands.reduce((before, said) => {
    const result = decide(before.state, said);
    if (isRefusal(result)) throw new Error(`${said.type}: ${result.refused}: ${result.message}`);
    return { state: result.reduce(evolve, before.state), log: [...before.log, ...result] };
  }, told);
}

/** The types that a command gives, or the code of its refusal. */
export function outcome(told: Told, said: Command): readonly string[] | string {
  const result = decide(told.state, said);
  return isRefusal(result) ? result.refused : result.map(({ type }) => type);
}

export const prompt = (n: number | string) =>
  command('prompt', {
    client_id: `c${n}`,
    turn_id: `trn_${n}`,
    content: blob(`message ${n}`),
    actor: ANNA,
    via: 'cli',
  });
export const steer = (n: number | string) => ({ ...prompt(n), type: 'steer' as const });
export const missed = (n: number | string) =>
  command('steer_missed', {
    message: { client_id: `c${n}`, turn_id: `trn_${n}`, content: blob(`message ${n}`), actor: ANNA, via: 'cli' },
  });
export const started = (host = 'host-1') => command('attempt_started', { host });
export const ended = (result: Payloads['attempt_ended']['outcome'], seconds = 0) =>
  command('attempt_ended', { outcome: result }, seconds);
export const COMPLETED = ended({ kind: 'completed', stop_reason: 'end_turn' });
export const suspendedOn = (...approval_ids: string[]) => ended({ kind: 'suspended', approval_ids });

export const ask = (n: number | string, over: Partial<Payloads['request_approval']> = {}) =>
  command('request_approval', {
    approval_id: `apr_${n}`,
    turn_id: 'trn_1',
    attempt: 1,
    kind: 'tool',
    action: blob(`action ${n}`),
    digest: sha256(`action ${n}`),
    rules: ['pushes'],
    grantable: 'always',
    approvers: null,
    on_expiry: 'pause',
    expires_in_s: 3600,
    card: blob(`card ${n}`),
    ...over,
  });
export const answer = (n: number | string, over: Partial<Payloads['decide_approval']> = {}, seconds = 10) =>
  command(
    'decide_approval',
    {
      approval_id: `apr_${n}`,
      digest: sha256(`action ${n}`),
      decision: 'allow_once',
      grant_id: `grt_${n}`,
      actor: ANNA,
      via: 'cli',
      ...over,
    },
    seconds,
  );
export const askAgain = (n: number | string, by: number | string) =>
  command('ask_again', { approval_id: `apr_${n}`, new_approval_id: `apr_${by}`, actor: ANNA, via: 'cli' }, 8000);
/** Of a grant that nobody gave; `1`: the one that `answer(1, { decision: 'allow_session' })` makes. */
export const revokeGrant = (n: number | string = 9) =>
  command('revoke_grant', { grant_id: `grt_${n}`, actor: BEN, via: 'web' }, 20);
export const interrupt = command('interrupt', { actor: BEN, via: 'web' }, 20);
export const close = command('close', { actor: BEN, via: 'web' }, 20);
export const setPolicy = command('set_policy', {
  policy_version: 'v2',
  policy: blob('policy'),
  actor: ANNA,
  via: 'cli',
});
export const setAgent = command('set_agent', { agent: blob('other'), steers: false, actor: ANNA, via: 'cli' });
/** A look at a deadline, in time. */
export const tick = (seconds: number) => command('tick', { due_at: at(seconds) }, seconds);

/** A session in each column of the table. Where approvals exist, the first is apr_1. */
export const PHASES = {
  'no turn': () => tell(running(), ask(1), answer(1), COMPLETED),
  starting: () => tell(aSession(), prompt(1)),
  running,
  held: () => tell(running(), ask(1)),
  suspended: () => tell(running(), ask(1), suspendedOn('apr_1')),
  expired: () => tell(running(), ask(1), suspendedOn('apr_1'), tick(3600)),
  closed: () => tell(running(), ask(1), answer(1), COMPLETED, close),
} as const satisfies Record<string, () => Told>;
export type Phase = keyof typeof PHASES;

function running(): Told {
  return tell(aSession(), prompt(1), started());
}

/** The phase that a state is in, in the words of the table. */
export const phaseOf = ({ state }: Told): string =>
  state.phase === 'closed' ? 'closed' : (state.turn?.phase ?? 'no turn');
