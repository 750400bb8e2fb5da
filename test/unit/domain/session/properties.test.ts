/** What holds whatever is said to a session, in any order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expand, refsOf } from '../../../../src/domain/events/blob-fields.ts';
import { isRefusal } from '../../../../src/domain/errors.ts';
import type { Command } from '../../../../src/domain/session/command.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import { evolve } from '../../../../src/domain/session/evolve.ts';
import { fold } from '../../../../src/domain/session/fold.ts';
import * as say from './a-session.ts';
import { aSession, at, type Told } from './a-session.ts';

const n = fc.integer({ min: 1, max: 6 });
const attempt = fc.integer({ min: 1, max: 3 });
const onExpiry = fc.constantFrom('pause' as const, 'deny' as const);
const word = fc.constantFrom('allow_once', 'allow_session', 'deny', 'deny_and_stop', 'answer') as fc.Arbitrary<'deny'>;
const aCommand: fc.Arbitrary<Command> = fc.oneof(
  n.map(say.prompt),
  n.map(say.steer),
  n.map(say.missed),
  fc.constant(say.started()),
  fc
    .tuple(n, attempt, onExpiry, n)
    .map(([id, tries, on_expiry, turn]) => say.ask(id, { attempt: tries, on_expiry, turn_id: `trn_${turn}` })),
  fc.tuple(n, word).map(([id, decision]) =>
    say.answer(id, {
      decision,
      ...(decision.startsWith('allow_s') && { pattern: { on: 'shell.exec', commands: ['make'] } }),
    }),
  ),
  fc.tuple(n, n).map(([old, by]) => say.askAgain(old, `${old}.${by}`)),
  fc.constantFrom<Command>(
    say.interrupt,
    say.setAgent,
    say.setPolicy,
    say.COMPLETED,
    say.suspendedOn('apr_1', 'apr_2'),
  ),
  fc.constantFrom<Command>(
    say.ended({ kind: 'moved' }),
    say.ended({ kind: 'lost', host: 'host-1' }),
    say.ended({ kind: 'failed', code: 'internal', message: 'x' }),
    say.tick(3600),
    say.command('tick', { due_at: at(3000) }, 4000),
  ),
);
const commands = fc
  .tuple(fc.array(aCommand, { maxLength: 60, size: 'max' }), fc.boolean())
  .map(([all, closes]) => (closes ? [...all, say.close] : all));

/**
 * Refused commands change nothing. `turn_id` of asks is often that of the running turn, so that much is really asked; and only
 * what went into a turn can miss it, once.
 */
function play(all: readonly Command[]): Told {
  return all.reduce<Told>((told, command) => {
    const turn = told.state.turn;
    if (command.type === 'steer_missed' && !isInTurn(told, command.message.turn_id)) return told;
    const fitting =
      command.type === 'request_approval' && turn
        ? { ...command, turn_id: turn.turn_id, attempt: turn.attempt }
        : command;
    const result = decide(told.state, fitting);
    if (isRefusal(result)) return told;
    return { state: result.reduce(evolve, told.state), log: [...told.log, ...result] };
  }, aSession());
}

/** A message that was steered into a turn, and did not become one of its own yet. */
function isInTurn({ state, log }: Told, own_turn_id: string): boolean {
  const steered = log.some(({ type, data }) => type === 'user.message' && data['own_turn_id'] === own_turn_id);
  const began = log.some(({ type, turn_id }) => type === 'turn.started' && turn_id === own_turn_id);
  return steered && !began && !state.queue.some(({ turn_id }) => turn_id === own_turn_id);
}

describe('a session', () => {
  it('is what the fold of its log says', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { state, log } = play(all);
        expect(fold(log)).toEqual(state);
        expect(fold(JSON.parse(JSON.stringify(log)))).toEqual(state);
      }),
      { numRuns: 300 },
    );
  });
  it('is also what the fold of its log says when the content is expanded', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { state, log } = play(all);
        const read = log.map((event) => ({
          ...event,
          data: expand(event.data, () => '{"title":"t","rules":[{"name":"pushes"}]}'),
        }));
        expect(fold(read)).toEqual(state);
        expect(read.flatMap(({ data }) => refsOf(data))).toEqual([]);
      }),
    );
  });
  it('leaves out what is not its own', () => {
    const { state } = say.PHASES.held();
    const others = ['agent.tool_use', 'usage.recorded', 'something.new'] as unknown as ['agent.tool_use'];
    for (const type of others)
      expect(evolve(state, { type, turn_id: 'trn_1', actor: say.ANNA, via: null, data: { x: 1 } })).toEqual(state);
  });
  it('resolves no approval twice, and ends each turn that it began once', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { state, log } = play(all);
        const resolved = log.filter(({ type }) => type === 'approval.resolved').map(({ data }) => data['approval_id']);
        expect(new Set(resolved).size).toBe(resolved.length);
        const begun = log.filter(({ type }) => type === 'turn.started').map(({ turn_id }) => turn_id);
        const over = log
          .filter(({ type }) => /^turn\.(completed|failed|cancelled)$/.test(type))
          .map(({ turn_id }) => turn_id);
        expect(new Set(begun).size).toBe(begun.length);
        expect(over).toEqual(state.turn ? begun.slice(0, -1) : begun);
      }),
      { numRuns: 300 },
    );
  });
  it('accepts a message once and keeps it: it is the turn, waits, was begun, went into one, or the session was closed', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { state, log } = play(all.filter(({ type }) => type !== 'close'));
        const heard = log.filter(({ type }) => type === 'user.message');
        for (const { data } of heard) {
          const turn_id = state.client_ids.find(([client_id]) => client_id === data['client_id'])?.[1];
          const begun = log.some((event) => event.type === 'turn.started' && event.turn_id === turn_id);
          expect(begun || state.queue.some((message) => message.turn_id === turn_id)).toBe(true);
        }
      }),
    );
  });
  it('is never without a turn while messages wait', () => {
    fc.assert(
      fc.property(commands, (all) => {
        const { state } = play(all);
        if (!state.turn) expect(state.queue).toEqual([]);
      }),
    );
  });
  it('stays under 64 KB at its fullest, and forgets no open question and no waiting message', () => {
    const long = (id: number) => `${id}`.padStart(60, 'x');
    const rules = Array.from({ length: 3 }, (_, id) => `a rule with a rather long name, number ${id}`);
    const pattern = { on: 'shell.exec', commands: ['make test with many words'.repeat(10)] };
    let told = say.tell(aSession(), say.prompt(long(0)), say.started());
    const turn_id = `trn_${long(0)}`;
    for (let id = 0; id < 150; id++) {
      told = say.tell(told, say.ask(long(id), { turn_id, rules }));
      told = say.tell(told, say.answer(long(id), { decision: 'allow_session', pattern, message: say.blob('m') }));
    }
    for (let id = 1; id <= 200; id++) told = say.tell(told, say.prompt(long(id)), ...(id > 150 ? [] : [say.COMPLETED]));
    expect(JSON.stringify(told.state).length).toBeLessThan(64 * 1024);
    const last = told.state.turn?.turn_id ?? '';
    told = say.tell(told, say.started());
    for (let id = 500; id < 520; id++) told = say.tell(told, say.ask(long(id), { turn_id: last, rules }));
    expect(Buffer.byteLength(JSON.stringify(told.state))).toBeLessThan(64 * 1024);
    expect(told.state.queue).toHaveLength(50);
    expect(Object.values(told.state.approvals).filter(({ status }) => status === 'pending')).toHaveLength(20);
  });
});
