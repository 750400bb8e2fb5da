/** What comes in by a message has its shape before the machine looks at what it means: junk gives a refusal, never an event and never an error. */
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../../src/domain/errors.ts';
import type { Command } from '../../../../src/domain/session/command.ts';
import { decide } from '../../../../src/domain/session/decide.ts';
import * as say from './a-session.ts';
import { PHASES } from './a-session.ts';

const RIGHT: readonly Command[] = [
  say.prompt(7),
  say.steer(8),
  say.ask(9),
  say.answer(1, { message: say.blob('words') }),
  say.askAgain(1, 2),
  say.interrupt,
  say.close,
  say.setPolicy,
  say.setAgent,
];
const JUNK: readonly unknown[] = [
  null,
  7,
  '',
  [],
  {},
  true,
  'x'.repeat(5_000_000),
  { $blob: 'x'.repeat(5_000), bytes: 1 },
];
/** Fields that may be missing, or that only some answers have. */
const OPTIONAL = ['reason', 'message', 'input', 'pattern'];

describe.each(RIGHT.map((command) => [command.type, command] as const))('%s', (type, command) => {
  const fields = Object.keys(command).filter((name) => name !== 'type' && name !== 'at');

  it.each(fields)('is refused with junk as %s, in every phase', (field) => {
    const wrong = JUNK.filter((junk) => !isFitting(field, junk));
    for (const junk of [...wrong, ...(OPTIONAL.includes(field) ? [] : [undefined])])
      for (const phase of Object.values(PHASES)) {
        const result = decide(phase().state, { ...command, [field]: junk } as never);
        expect(isRefusal(result) && result.refused).toBe(
          type === 'decide_approval' ? 'decision_invalid' : 'request_invalid',
        );
      }
  });

  it('is refused without anything in it', () => {
    for (const nothing of [{}, null, 'close!', [1, 2]]) {
      const result = decide(PHASES.held().state, { ...(nothing as object), type, at: say.at(0) } as never);
      expect(isRefusal(result)).toBe(true);
    }
  });
});

/** Null and lists and flags are right for some. */
function isFitting(field: string, junk: unknown): boolean {
  if (field === 'via' || field === 'approvers') return junk === null || (field === 'approvers' && Array.isArray(junk));
  if (field === 'rules') return Array.isArray(junk);
  if (field === 'steers') return typeof junk === 'boolean';
  return (field === 'attempt' || field === 'expires_in_s') && typeof junk === 'number';
}

describe('the pattern of an answer', () => {
  const held = () => PHASES.held().state;
  const answer = (pattern: unknown) =>
    decide(held(), say.answer(1, { decision: 'allow_session', pattern: pattern as never }));

  it.each([
    ['a text', 'git push'],
    ['a list', ['git push']],
    ['nothing about what it is on', { commands: ['git push'] }],
    ['a number for what it is on', { on: 7 }],
    ['words for what it is on', { on: 'everything, please' }],
    ['a key that no pattern has', { on: 'shell.exec', when: 'true' }],
    ['a key of every object', { on: 'shell.exec', constructor: ['x'] }],
    ['a text where a list is due', { on: 'shell.exec', commands: 'git push' }],
    ['an empty list', { on: 'shell.exec', commands: [] }],
    ['a number in a list', { on: 'shell.exec', commands: [7] }],
    ['an empty command', { on: 'shell.exec', commands: [' '] }],
    ['a glob that is not closed', { on: 'file.write', paths: ['src/{a,b'] }],
    ['a glob that leads out', { on: 'file.write', paths: ['../**'] }],
    ['a glob of too many alternatives', { on: 'file.write', paths: ['{a,b}'.repeat(12)] }],
    ['too much', { on: 'shell.exec', commands: ['x'.repeat(3_000)] }],
  ])('is no pattern: %s', (_what, pattern) => {
    const result = answer(pattern);
    expect(isRefusal(result) && result.refused).toBe('decision_invalid');
  });

  it('is kept when it is one, and not kept with an answer that lasts no longer than its call', () => {
    const pattern = { on: 'file.write', paths: ['src/{a,b}/**', '~/notes'] };
    const kept = answer(pattern);
    expect(!isRefusal(kept) && kept[1]?.data).toMatchObject({ scope: 'session', pattern });
    const once = decide(held(), say.answer(1, { pattern: { on: 'x'.repeat(100_000) } }));
    expect(JSON.stringify(once).length).toBeLessThan(2_000);
  });
});
