/** The queue as clients see it, made of what the machine decides. */
import { describe, expect, it } from 'vitest';
import { queueView } from '../../../src/api/server/view/queue.ts';
import type { SessionEvent } from '../../../src/domain/session/event.ts';
import { aSession, ANNA, missed, prompt, started, steer, tell, type Told } from '../domain/session/a-session.ts';

/** As the log is read: a message with its words. */
const read = ({ log }: Told) =>
  log.map((event: SessionEvent) =>
    event.type === 'user.message'
      ? { ...event, data: { ...event.data, content: [{ type: 'text', text: String(event.data['client_id']) }] } }
      : event,
  );
const shown = (told: Told) =>
  queueView(read(told)).map(({ id, position, client_id, content, actor }) => ({
    id,
    position,
    client_id,
    content,
    actor,
  }));
const words = (text: string) => [{ type: 'text', text }];

describe('the queue', () => {
  it('shows what waits, in order, with its words and who said them', () => {
    const told = tell(aSession(), prompt(1), prompt(2), prompt(3));
    expect(shown(told)).toEqual([
      { id: 'trn_2', position: 0, client_id: 'c2', content: words('c2'), actor: ANNA },
      { id: 'trn_3', position: 1, client_id: 'c3', content: words('c3'), actor: ANNA },
    ]);
  });

  it('is empty before anybody waits', () => {
    expect(shown(tell(aSession(), prompt(1)))).toEqual([]);
  });

  it('shows a message that the running harness did not take first, under the turn that it will begin', () => {
    const steered = tell(aSession(), prompt(1), started(), steer(2), missed(2));
    expect(shown(steered)).toEqual([{ id: 'trn_2', position: 0, client_id: 'c2', content: words('c2'), actor: ANNA }]);
  });
});
