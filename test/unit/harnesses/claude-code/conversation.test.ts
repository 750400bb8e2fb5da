/** What a process says that nobody understands: told, and bounded. */
import { expect, it } from 'vitest';
import { createConversation } from '../../../../src/harnesses/claude-code/conversation.ts';
import type { HarnessEvent } from '../../../../src/harnesses/contract.ts';

const TRANSCRIPT = {
  follow: async () => undefined,
  holds: async () => true,
  isHeard: () => true,
  assertUntouched: () => undefined,
  close: async () => undefined,
};

async function warnedOf(lines: readonly string[]): Promise<readonly string[]> {
  const conversation = createConversation({
    transcript: TRANSCRIPT,
    wasAllowed: () => false,
    proven_version: '1',
    broken: () => undefined,
  });
  const turn = conversation.begin('u', async () => ({ effect: 'deny', reason: 'no' }));
  for (const line of lines) conversation.wonder(line);
  await conversation.gone('it ended');
  const events: HarnessEvent[] = [];
  for await (const event of turn.events) events.push(event);
  return events.flatMap((event) => (event.kind === 'event' ? [String(event.event.data['text'])] : []));
}

it('is told once each', async () => {
  const told = await warnedOf(['one', 'two', 'one']);
  expect(told.map((text) => text.split(': ')[1])).toEqual(['one', 'two']);
});

it('does not fill the log, however much of it comes: the last one told says that there is more', async () => {
  const told = await warnedOf(Array.from({ length: 100_000 }, (_, n) => `junk ${n}`));
  expect(told).toHaveLength(20);
  expect(told.at(-1)).toContain('more of it is not told');
});
