/** A turn moves between two calls: none runs, and its attempt has brought one result at least. */
import { expect, it } from 'vitest';
import { createBoundary } from '../../../src/activities/run-turn/boundary.ts';
import type { NewEvent } from '../../../src/domain/events/new-event.ts';

const event = (type: NewEvent['type'], tool_use_id: string): NewEvent => ({
  type,
  turn_id: 'trn_1',
  actor: { type: 'agent', id: 'agent' },
  via: null,
  data: { tool_use_id },
});

it.each([
  ['before the first call', [], false],
  ['while a call runs', ['+a'], false],
  ['when its result is there', ['+a', '-a'], true],
  ['while one of two runs', ['+a', '+b', '-a'], false],
  ['when both have ended', ['+a', '+b', '-b', '-a'], true],
  ['after the result of a call that never started here', ['-a'], false],
])('%s', (_when, said, is_here) => {
  const boundary = createBoundary();
  for (const word of said)
    boundary.follow([event(word.startsWith('+') ? 'agent.tool_use' : 'agent.tool_result', word.slice(1))]);
  expect(boundary.isHere()).toBe(is_here);
});

it('is waited for a moment: a result is in the log after the next call is asked about', async () => {
  const boundary = createBoundary();
  expect(await boundary.within(60_000)).toBe(false); // nothing runs: nothing comes
  boundary.follow([event('agent.tool_use', 'a')]);
  const comes = boundary.within(60_000);
  boundary.follow([event('agent.tool_result', 'a')]);
  expect(await comes).toBe(true);
  boundary.follow([event('agent.tool_use', 'b')]);
  expect(await boundary.within(1)).toBe(false); // it runs for longer
});
