/** What the person says while watching, and which turns it began: they are waited for, too. */
import type { Client } from '../../api/contract/client.ts';
import { patiently } from './patient.ts';

interface MessageParts {
  readonly client: Client;
  readonly session_id: string;
  readonly turns: readonly string[] | null;
  readonly say: (line: string) => void;
}

export interface Messages {
  /** Into the running turn, or as the next one. */
  send(line: string, is_running: boolean): void;
  /** The turns that are waited for; null: none in particular. */
  turns(): readonly string[] | null;
  areOver(over: readonly string[]): boolean;
  /** No message is on its way. */
  settled(): Promise<void>;
}

export function createMessages({ client, session_id, turns, say }: MessageParts): Messages {
  const own = turns === null ? null : [...turns];
  const on_the_way = new Set<Promise<void>>();

  async function deliver(text: string, delivery: 'steer' | 'queue'): Promise<void> {
    try {
      const body = { content: [{ type: 'text' as const, text }], delivery };
      const { turn_id } = await patiently((options) => client.sessions.send({ session_id, body }, options));
      own?.push(turn_id);
    } catch (error) {
      say(`✗ Not sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    send(line, is_running) {
      if (line.trim() === '') return;
      const sending = deliver(line, is_running ? 'steer' : 'queue').finally(() => on_the_way.delete(sending));
      on_the_way.add(sending);
    },
    turns: () => own,
    areOver: (over) => own === null || own.every((turn) => over.includes(turn)),
    async settled() {
      while (on_the_way.size > 0) await Promise.all(on_the_way);
    },
  };
}
