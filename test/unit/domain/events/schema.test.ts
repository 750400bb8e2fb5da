/** What is written about events is what the machine and the gate write. */
import { describe, expect, it } from 'vitest';
import { EVENT_DATA, problemOfData } from '../../../../src/domain/events/schema.ts';
import { EVENT_TYPES } from '../../../../src/domain/events/vocabulary.ts';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import { MACHINE_EVENTS } from '../../../../src/domain/session/event.ts';
import { aCall, ALLOWS, aTurn, DENIES, QUESTION } from '../../activities/an-attempt.ts';
import * as say from '../session/a-session.ts';
import { aSession, PHASES, tell } from '../session/a-session.ts';

const problems = (events: readonly Pick<NewEvent, 'type' | 'data'>[]) =>
  events.flatMap(({ type, data }) => problemOfData(type, data) ?? []);

/** Every event that the table of commands can bring about. */
function machineLogs(): readonly NewEvent[] {
  const grants = { decision: 'allow_session' as const, pattern: { on: 'shell.exec', commands: ['make'] } };
  const told = [
    ...Object.values(PHASES).map((phase) => phase()),
    tell(PHASES.held(), say.answer(1, grants), say.revokeGrant(1)),
    tell(PHASES.held(), say.answer(1, { decision: 'deny_and_stop', message: say.blob('no') })),
    tell(
      aSession(),
      say.prompt(1),
      say.started(),
      say.ask(1, { kind: 'question' }),
      say.answer(1, { decision: 'answer', input: say.blob('1') }),
    ),
    tell(PHASES.held(), say.prompt(2), say.steer(3), say.interrupt, say.ended({ kind: 'cancelled' })),
    tell(PHASES.running(), say.steer(2), say.missed(2), say.ended({ kind: 'failed', code: 'internal', message: 'x' })),
    tell(PHASES.closed(), say.missed(4)),
    tell(
      PHASES.running(),
      say.ended({ kind: 'moved' }),
      say.started('host-2'),
      say.ended({ kind: 'lost', host: 'host-2' }),
    ),
    tell(PHASES.held(), say.command('tick', { due_at: say.at(3500) }, 9_000)),
    tell(PHASES.expired(), say.askAgain(1, 9)),
    tell(
      aSession(),
      say.prompt(1),
      say.started(),
      say.ask(1, { on_expiry: 'deny' }),
      say.suspendedOn('apr_1'),
      say.tick(3600),
    ),
    tell(PHASES['no turn'](), say.setPolicy, say.setAgent),
  ];
  return told.flatMap(({ log }) => log);
}

describe('the meaning of events', () => {
  it('is written for each type of the vocabulary, and for nothing else', () => {
    expect(Object.keys(EVENT_DATA)).toEqual([...EVENT_TYPES]);
    for (const [type, schema] of Object.entries(EVENT_DATA))
      expect([type, schema.description]).toEqual([type, expect.stringMatching(/^[A-Z].*\.$/)]);
  });

  it('is that of what the machine decides', () => {
    const events = machineLogs();
    expect(problems(events)).toEqual([]);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(MACHINE_EVENTS)); // none of them is untried
  });

  it('is that of what the gate writes', async () => {
    const turn = await aTurn();
    const { gate } = await turn.attempt();
    const asked = gate(aCall(1));
    await turn.answer((await turn.pending()).approval_id);
    const question = gate(aCall(2, QUESTION));
    await turn.answer((await turn.pending()).approval_id, { decision: 'answer', words: '"red"' });
    await Promise.all([asked, question]);
    turn.setPolicy(ALLOWS);
    await gate(aCall(3));
    turn.setPolicy(DENIES);
    await gate(aCall(4));
    const events = await turn.events('policy.evaluated', 'approval.requested', 'grant.used', 'agent.tool_use');
    expect(problems(events)).toEqual([]);
    expect(events.length).toBeGreaterThan(8);
  });

  it('does not fit other data', () => {
    expect(problemOfData('turn.suspended', { approval_ids: 'apr_1' })).toMatch(/^turn\.suspended data\.approval_ids: /);
    expect(problemOfData('policy.evaluated', {})).toContain('data.effect');
    expect(problemOfData('turn.completed', { stop_reason: 'end_turn', more: 1 })).toBeNull(); // data may grow
  });
});
