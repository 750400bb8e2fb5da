/** A whole room: from the POST to the model through every hop, and the memory of each role, idle and with ten sessions of Claude Code. */
import { startModelServer } from '../../src/demo/model-server/server.ts';
import { processesOf } from '../support/processes.ts';
import { startSession } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';
import { at, round, type Measured } from './figures.ts';
import { rss, rssOfRoles } from './rss.ts';

const SESSIONS = 10;

export async function measureRoom(binary: string): Promise<readonly Measured[]> {
  const model = await startModelServer();
  const room = openRoom({
    TACK_CLAUDE_BIN: binary,
    TACK_SLOTS: `${SESSIONS}`,
    ANTHROPIC_API_KEY: 'sk-bench',
    ANTHROPIC_BASE_URL: model.url,
  });
  try {
    const from = performance.now();
    await room.up();
    const up_ms = Math.round(performance.now() - from);
    const idle = await memoryOf(room);
    const path = [];
    for (let n = 0; n < SESSIONS; n++) path.push(await pathOf(room, model.requests, n));
    const held = await Promise.all(
      Array.from({ length: SESSIONS }, (_, n) =>
        startSession(room, 'claude-code', `Wait. [[block {"gate":"g","text":"held ${n}"}]]`),
      ),
    );
    await model.reached('g', SESSIONS);
    const busy = await memoryOf(room);
    const harnesses = held.map(({ id }) => processesOf(id).reduce((sum, { pid }) => sum + mb(rss(pid)), 0));
    model.release('g');
    await Promise.all(held.map(({ ended }) => ended()));
    const roles = Object.keys(idle);
    return [
      {
        name: 'path',
        rows: path,
        figures: [
          {
            what: 'POST → first model request, all hops of the engine with it, median',
            result: `${at(
              path.map(({ request_ms }) => request_ms),
              0.5,
            )} ms`,
            goal: 'reported',
          },
          {
            what: 'of that, POST → the turn starts on its host, median',
            result: `${at(
              path.map(({ placed_ms }) => placed_ms),
              0.5,
            )} ms`,
            goal: 'reported',
          },
          {
            what: '`tack up` → healthy, the engine installed',
            result: `${round(up_ms / 1_000, 1)} s`,
            goal: 'reported',
          },
        ],
      },
      {
        name: 'memory',
        rows: [
          ...roles.map((role) => ({ role, idle_mb: idle[role] ?? 0, with_sessions_mb: busy[role] ?? 0 })),
          ...harnesses.map((mb, n) => ({ role: `session ${n}`, idle_mb: 0, with_sessions_mb: mb })),
        ],
        figures: [
          ...roles.map((role) => ({
            what: `RSS of ${role}, idle → with ${SESSIONS} sessions`,
            result: `${idle[role]} → ${busy[role]} MB`,
            goal: 'reported',
          })),
          {
            what: 'RSS of one session’s processes (Claude Code in its sandbox), median',
            result: `${at(harnesses, 0.5)} MB`,
            goal: 'reported',
          },
        ],
      },
    ];
  } finally {
    await room.close();
    await model.close();
  }
}

async function pathOf(room: Room, requests: () => readonly { tag: string | null; at: string }[], n: number) {
  const tag = `[[text {"text":"path ${n}"}]]`;
  const from = Date.now();
  const session = await startSession(room, 'claude-code', `Say it. ${tag}`);
  const request = await until(`a request for ${tag}`, () => requests().find((one) => one.tag === tag));
  await session.ended();
  const placed = await session.logged('session.placed');
  return { n, placed_ms: Date.parse(placed.created_at) - from, request_ms: Date.parse(request.at) - from };
}

/** MB. */
const memoryOf = async (room: Room): Promise<Record<string, number>> =>
  Object.fromEntries(Object.entries(await rssOfRoles(room)).map(([role, kb]) => [role, mb(kb)]));

const mb = (kb: number): number => Math.round(kb / 1_024);
