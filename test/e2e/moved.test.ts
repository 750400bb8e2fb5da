/** A turn that outlives its activity goes on in the next one: between two calls, with the real Claude Code, and each call runs once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { leaves, openClaudeRoom, play, type ClaudeRoom } from '../support/claude-room.ts';
import { processesOf } from '../support/processes.ts';
import { asks } from '../support/session.ts';
import { until } from '../support/until.ts';

let here: ClaudeRoom;
beforeAll(async () => void (here = await openClaudeRoom({ TACK_MOVE_AFTER_S: '0.5' })));
afterAll(() => here?.close());

it(
  'moves after each call once it is older than its limit, also while an approval is asked, and runs each call once',
  { timeout: 400_000 },
  async () => {
    const names = ['one', 'two', 'asked', 'four'];
    const session = await play(here, {
      steps: [...names.map((name) => `sleep 0.6; ${leaves(name)}`), { say: 'All done.' }],
      rules: [asks('echo asked', { grace_s: 600 })],
    });
    const event = (type: string) =>
      until(type, async () => (await session.log()).find((one) => one.type === type), 150_000);
    const { id, digest } = (await event('approval.requested')).data['approval'] as { id: string; digest: string };
    await here.room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
    await event('turn.completed');
    const log = await session.log();
    expect(session.effects()).toEqual(names);
    const moved = log.filter(({ type, data }) => type === 'turn.resumed' && data['after'] === 'moved');
    expect(moved).toHaveLength(names.length - 1); // after each call but the last
    expect(log.filter(({ type }) => type === 'agent.tool_use')).toHaveLength(names.length);
    expect(log.filter(({ type }) => type === 'approval.requested')).toHaveLength(1);
    expect(log.flatMap(({ type, data }) => (type === 'agent.tool_result' ? [data['is_error']] : []))).not.toContain(
      true,
    );
    expect((await session.words()).at(-1)).toBe('All done.');
    await until('no process', () => processesOf(session.id).length === 0);
  },
);
