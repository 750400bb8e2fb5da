/** A session that lives through anything, and its log as the store stamps it. */
import fc from 'fast-check';
import { isRefusal } from '../../../../src/domain/errors.ts';
import { bodyOf, genesisOf, hashOf } from '../../../../src/domain/events/chain.ts';
import type { Envelope } from '../../../../src/domain/events/envelope.ts';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import type { Command } from '../../../../src/domain/session/command.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import { evolve } from '../../../../src/domain/session/evolve.ts';
import * as say from '../session/a-session.ts';

export const SESSION = 'ses_00000000000000000000000001';

/** As the store appends it: gapless, each event chained to the one before. */
export function stamped(events: readonly NewEvent[]): readonly Envelope[] {
  let prev_hash = genesisOf(SESSION, say.sha256);
  return events.map((event, at) => {
    const unsealed = {
      ...event,
      id: `evt_${String(at + 1).padStart(26, '0')}`,
      seq: at + 1,
      session_id: SESSION,
      run_id: null,
      parent_session_id: null,
      created_at: say.at(at),
      traceparent: null,
      prev_hash,
      data: { ...event.data },
    };
    const hash = hashOf(prev_hash, bodyOf(unsealed), say.sha256);
    prev_hash = hash;
    return { ...unsealed, hash };
  });
}

const n = fc.integer({ min: 1, max: 5 });
const aCommand: fc.Arbitrary<Command> = fc.oneof(
  n.map(say.prompt),
  n.map(say.steer),
  fc.constant(say.started()),
  fc.tuple(n, fc.constantFrom('pause' as const, 'deny' as const)).map(([id, on_expiry]) => say.ask(id, { on_expiry })),
  n.map((id) => say.answer(id)),
  n.map((id) => say.answer(id, { decision: 'deny', message: say.blob('no') })),
  fc.tuple(n, n).map(([old, by]) => say.askAgain(old, `${old}.${by}`)),
  fc.constantFrom<Command>(say.COMPLETED, say.suspendedOn('apr_1', 'apr_2'), say.interrupt, say.setAgent),
  fc.constantFrom<Command>(say.tick(3600), say.command('tick', { due_at: say.at(3000) }, 4000)),
);

/** What a session became of some commands; those that it refuses change nothing. */
export const aStory: fc.Arbitrary<say.Told> = fc
  .tuple(fc.array(aCommand, { maxLength: 50, size: 'max' }), fc.boolean())
  .map(([commands, closes]) =>
    [...commands, ...(closes ? [say.close] : [])].reduce<say.Told>((told, command) => {
      const { turn } = told.state;
      const fitting =
        command.type === 'request_approval' && turn
          ? { ...command, turn_id: turn.turn_id, attempt: turn.attempt }
          : command;
      const decided = decide(told.state, fitting);
      return isRefusal(decided) ? told : { state: decided.reduce(evolve, told.state), log: [...told.log, ...decided] };
    }, say.aSession()),
  );
