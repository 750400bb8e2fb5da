/** Where the soak plays: one room, one model server, one repository, and who plays at the moment. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { CreateSession } from '../../../src/api/contract/session.ts';
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import type { ModelServer } from '../../../src/demo/model-server/server.ts';
import { text } from '../../support/session.ts';
import type { Room } from '../../support/tackroom.ts';
import type { Chance } from './chance.ts';
import { insist } from '../../support/insist.ts';
import { eventually } from './patience.ts';

export interface Stage {
  readonly room: Room;
  readonly model: ModelServer;
  readonly repository: string;
  readonly chance: Chance;
  /** Sessions that have a turn now; what runs for any other one was left behind. */
  readonly playing: Set<string>;
  /** Those that are watched at the moment. */
  readonly watched: Set<Live>;
}

/** A session that is watched over SSE while it plays. */
export interface Live {
  readonly id: string;
  readonly turn_id: string;
  readonly seen: readonly Envelope[];
  logged(what: string, is: (event: Envelope) => boolean): Promise<Envelope>;
  say(words: string): Promise<string>;
  /** Resolves when this turn has ended. */
  ended(turn_id: string): Promise<Envelope>;
  close(): Promise<void>;
  /** Stops watching. */
  leave(): void;
}

export async function begin(stage: Stage, agent: z.input<typeof CreateSession>['agent'], words = 'go'): Promise<Live> {
  const { id, turn_id } = await insist(stage.room, (client, options) =>
    client.sessions.create({ body: { agent, input: text(words) } }, options),
  );
  if (turn_id === null) throw new Error('The session has no turn.');
  return watch(stage, { id, turn_id });
}

export function watch({ room, playing, watched }: Stage, { id, turn_id }: { id: string; turn_id: string }): Live {
  playing.add(id);
  const seen: Envelope[] = [];
  const stop = new AbortController();
  const follow = async () => {
    for await (const heard of room.client().events(id, { signal: stop.signal, longest_wait_ms: 500 }))
      if (heard.kind === 'event') seen.push(heard.event);
  };
  let broken: unknown = null;
  follow().catch((error: unknown) => (broken = error));
  const logged: Live['logged'] = (what, is) =>
    eventually(`${what} of ${id}`, () => {
      if (broken) throw broken as Error;
      return seen.find(is);
    });
  const live: Live = {
    id,
    turn_id,
    seen,
    logged,
    ended: (turn) => logged(`the end of ${turn}`, ({ type, turn_id: of }) => of === turn && isEnd(type)),
    say: async (words) =>
      (
        await insist(room, (client, options) =>
          client.sessions.send({ session_id: id, body: { content: text(words) } }, options),
        )
      ).turn_id,
    close: async () =>
      void (await insist(room, (client, options) => client.sessions.close({ session_id: id, body: {} }, options))),
    leave() {
      stop.abort();
      watched.delete(live);
      playing.delete(id);
    },
  };
  watched.add(live);
  return live;
}

export const isEnd = (type: string): boolean => /^turn\.(completed|failed|cancelled)$/.test(type);

/** Lines that the commands of a session wrote. */
export function effectsOf(room: Room, session_id: string): readonly string[] {
  const file = join(room.workOf(session_id), 'effects.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
