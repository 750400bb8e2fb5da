/** Sessions whose workflow waits for somebody: how fast they are started, what each costs at rest, and how long one sleeps on after it is spoken to. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startSession, text } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';
import { at, round, sized, type Measured } from './figures.ts';
import { rssOfRoles } from './rss.ts';
import { scriptedAgent } from './scripted-agent.ts';

const SESSIONS = sized(10_000);
const AT_ONCE = 16;
const WOKEN = 100;
/** Of a worker (src/worker/queues.ts): who is older is read again from its history. */
const CACHED = 2_000;

export async function measureIdle(): Promise<Measured> {
  const room = openRoom();
  try {
    await room.up();
    const agent = scriptedAgent([{ say: 'Here.' }]);
    await (await startSession(room, agent)).ended(); // what is loaded with the first one is no session's
    const empty = { ...(await rssOfRoles(room)), ...diskOf(room) };
    const ids: string[] = [];
    const from = performance.now();
    let started = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (started < SESSIONS) {
          const n = (started += 1);
          const { id } = await room.client().sessions.create({ body: { agent, title: `idle ${n}` } });
          await room.client().sessions.setPolicy({ session_id: id, body: { rules: [RULE] } }); // its workflow lives from here on
          ids.push(id);
        }
      }),
    );
    const per_s = round((SESSIONS * 1_000) / (performance.now() - from), 1);
    const full = { ...(await rssOfRoles(room)), ...diskOf(room) };
    const evicted = Math.max(0, SESSIONS - CACHED);
    const woken = ids.slice(0, WOKEN);
    const rows = [];
    for (const [n, id] of woken.entries()) rows.push({ n, wake_ms: await wake(room, id) });
    const after = await rssOfRoles(room);
    const kb = (name: string) =>
      round((((full as Numbers)[name] ?? 0) - ((empty as Numbers)[name] ?? 0)) / SESSIONS, 1);
    const wakes = rows.map(({ wake_ms }) => wake_ms);
    return {
      name: 'idle',
      rows: [
        ...rows,
        ...Object.keys(full).map((what) => ({
          what,
          empty_kb: (empty as Numbers)[what] ?? 0,
          full_kb: (full as Numbers)[what] ?? 0,
          woken_kb: after[what] ?? 0,
        })),
      ],
      figures: [
        { what: 'Idle sessions held', result: `${SESSIONS}`, goal: '10000' },
        {
          what: 'sessions started, each with its workflow and a rule of its own, 16 at once',
          result: `${per_s} a second`,
          goal: 'reported',
        },
        ...['engine', 'server', 'worker'].map((role) => ({
          what: `memory of ${role} for each of them (in all)`,
          result: `${kb(role)} KB (${Math.round(((full as Numbers)[role] ?? 0) / 1_024)} MB)`,
          goal: 'reported',
        })),
        {
          what: 'disk for each of them: engine, store, the rest',
          result: `${kb('disk engine')}, ${kb('disk store')}, ${kb('disk rest')} KB`,
          goal: 'reported',
        },
        {
          what: `Wake: POST → the turn is in the log, of ${woken.length} that the worker ${evicted >= woken.length ? 'had forgotten' : 'still knew'}, p50 / p99`,
          result: `${at(wakes, 0.5)} / ${at(wakes, 0.99)} ms`,
          goal: '< 1000 ms',
        },
      ],
    };
  } finally {
    await room.close();
  }
}

const RULE = { name: 'no-push', on: 'git.push', effect: 'deny', reason: 'Not today.' } as const;

type Numbers = Readonly<Record<string, number>>;

/** Until its turn has begun, as the log has it. */
async function wake(room: Room, session_id: string): Promise<number> {
  const client = room.client();
  const from = Date.now();
  const { turn_id } = await client.sessions.send({
    session_id,
    body: { content: text('Wake up.'), delivery: 'queue' },
  });
  const log = async (type: string) =>
    (await client.sessions.events({ session_id, after: 0 })).data.find(
      (event) => event.type === type && event.turn_id === turn_id,
    );
  const begun = await until('the turn', () => log('turn.started'));
  await until('its end', () => log('turn.completed'), 120_000);
  return Date.parse(begun.created_at) - from;
}

/** KB. */
function diskOf({ home }: Room): Numbers {
  const of = (matches: (name: string) => boolean) =>
    Math.round(
      readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => matches(path.slice(home.length + 1)))
        .reduce((sum, path) => sum + lstatSync(path).blocks / 2, 0),
    );
  const engine = (name: string) => name.startsWith('engine/');
  const store = (name: string) => name.startsWith('store.db') || name.startsWith('blobs/');
  return {
    'disk engine': of(engine),
    'disk store': of(store),
    'disk rest': of((name) => !engine(name) && !store(name) && !name.startsWith('tools/') && !name.startsWith('logs/')),
  };
}
