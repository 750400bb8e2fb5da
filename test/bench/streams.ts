/**
 * From the harness to a client on the event stream, while fifty sessions stream. Each session asks the clock by a command and then speaks: the moment that the
 * command printed is compared with when the client has its result (a durable event) and the first of the words behind it (a delta). So both have the end of a shell in
 * them, and the delta the keeping of the result as well: they are no less than the way from the harness's line.
 */
import { setTimeout } from 'node:timers/promises';
import { startSession } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { at, round, sized, type Measured } from './figures.ts';
import { scriptedAgent } from './scripted-agent.ts';

const SESSIONS = sized(50);
const ROUNDS = 12;
/** Of the beginning, while not all of them speak. */
const LEFT_OUT = 3;
/** Two seconds of speech between two commands: what a model does, and no load test of shells. */
const WORDS = Array.from({ length: 40 }, (_, n) => `word${n}`).join(' ');

/** A round takes some two seconds: spread over one. */
const APART_MS = 2_100 / SESSIONS;

type Row = { session: number; round: number; durable_ms: number; delta_ms: number };

export async function measureStreams(): Promise<Measured> {
  const room = openRoom({ TACK_SLOTS: `${SESSIONS}` });
  try {
    await room.up();
    const steps = [
      { wait_for: 'go' },
      ...Array.from({ length: ROUNDS }).flatMap(() => [
        { tool: { kind: 'shell.exec', script: 'date +%s%N' } },
        { say: WORDS, word_ms: 50 },
      ]),
    ];
    const sessions = [];
    for (let n = 0; n < SESSIONS; n++) sessions.push(await startSession(room, scriptedAgent(steps)));
    const heard = sessions.map(({ id }, n) => follow(room, id, n));
    for (const { logged } of sessions) await logged('turn.started');
    for (const { id } of sessions) {
      await letGo(room, id);
      await setTimeout(APART_MS); // sessions know nothing of each other: fifty shells at the same moment would be of our making
    }
    const rows = (await Promise.all(heard)).flat().filter((row) => row.round >= LEFT_OUT);
    await Promise.all(sessions.map(({ ended }) => ended()));
    const line = (key: 'durable_ms' | 'delta_ms') => {
      const values = rows.map((row) => row[key]);
      return `${round(at(values, 0.5), 1)} / ${round(at(values, 0.99), 1)} ms`;
    };
    return {
      name: 'streams',
      rows,
      figures: [
        {
          what: `Harness → SSE client, ${SESSIONS} sessions that stream, durable events, p50 / p99`,
          result: line('durable_ms'),
          goal: '≤ 50 ms',
        },
        { what: 'the same, text deltas, p50 / p99', result: line('delta_ms'), goal: '≤ 120 ms' },
      ],
    };
  } finally {
    await room.close();
  }
}

/** The worktree is there when the turn has been placed. */
async function letGo(room: Room, session_id: string): Promise<void> {
  const { writeFileSync } = await import('node:fs');
  for (;;)
    try {
      return writeFileSync(`${room.workOf(session_id)}/go`, '');
    } catch {
      await setTimeout(20);
    }
}

async function follow(room: Room, session_id: string, session: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const stop = new AbortController();
  let clock_ms: number | null = null;
  let durable_ms = 0;
  for await (const heard of room.client().events(session_id, { signal: stop.signal })) {
    const now = Date.now();
    if (heard.kind === 'event' && heard.event.type === 'agent.tool_result') {
      clock_ms = Number(textIn(heard.event.data['content'])) / 1e6;
      durable_ms = round(now - clock_ms);
    }
    if (heard.kind === 'frame' && heard.frame.type === 'item.delta' && clock_ms !== null) {
      rows.push({ session, round: rows.length, durable_ms, delta_ms: round(now - clock_ms) });
      clock_ms = null;
    }
    if (heard.kind === 'event' && heard.event.type.startsWith('turn.') && heard.event.type !== 'turn.started')
      stop.abort();
  }
  return rows;
}

const textIn = (content: unknown): string => (content as readonly { text: string }[]).map(({ text }) => text).join('');
