/** A harness that says more than anybody can keep: its own turn fails, and everything else goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scripted, startSession } from '../support/session.ts';
import { openRoom } from '../support/tackroom.ts';

const room = openRoom();
beforeAll(async () => void (await room.up()));
afterAll(() => room.close());

it('a failure of five million letters fails its turn in fewer, and the next session works', async () => {
  const { roles } = await room.status();
  const session = await startSession(room, scripted([{ fail: `It broke. ${'x'.repeat(5_000_000)}` }]));
  const end = await session.ended();
  const { message } = end.data['error'] as { readonly message: string };
  expect([end.type, message.startsWith('It broke.'), message.length < 10_000]).toEqual(['turn.failed', true, true]);
  expect((await (await startSession(room, scripted([{ say: 'Hello.' }]))).ended()).type).toBe('turn.completed');
  expect((await room.status()).roles.map(({ restarts }) => restarts)).toEqual(roles.map(({ restarts }) => restarts));
});
