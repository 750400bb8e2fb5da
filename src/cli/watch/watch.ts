/** Watching a session: the view, the person's keys, the answers, the work that comes back, and when it is over. */
import { fstatSync } from 'node:fs';
import type { Followed } from '../../api/contract/event-stream.ts';
import type { Session } from '../../api/contract/session.ts';
import { EXIT, type ExitCode } from '../../domain/errors.ts';
import type { Connection, Context } from '../context.ts';
import { createDialogue } from './dialogue.ts';
import { bringWork, placeOf } from './fetch-work.ts';
import { openKeyboard } from './keyboard.ts';
import { createMessages } from './messages.ts';
import { NO_PROGRESS, proceed, type Progress } from './progress.ts';
import { plainScreen, together, typingScreen, type Screen } from './screen.ts';
import { createStops } from './stops.ts';
import { exitCodeOf } from './exit-code.ts';
import { createView, lookOf } from './view.ts';

export interface WatchRequest {
  readonly session: Session;
  /** Events after this one are shown … */
  readonly after: number;
  /** … and those after this one have just happened. */
  readonly live_after: number;
  /** Ends when these turns have; null: watches until the session is ended, or the person leaves. */
  readonly turns: readonly string[] | null;
  /** Where nobody can be asked: stays until somebody else has answered. */
  readonly waits: boolean;
  /** Everything is the result, as in `tack logs`; else only the agent's words are. */
  readonly is_log: boolean;
  readonly timeout_s?: number | undefined;
}

export async function watch(context: Context, connection: Connection, request: WatchRequest): Promise<ExitCode> {
  const { client } = connection;
  const { session } = request;
  const session_id = session.id;
  const asks = context.may_ask && !context.out.json;
  const screen = screenFor(context, asks, request.is_log);
  const view = createView(context, screen);
  const place = await placeOf(context, session);
  let progress = await standing(connection, request);
  let exit: ExitCode | undefined;
  let has_left = false;
  const over = new AbortController();

  const leave = (code: ExitCode, why: string): void => {
    exit ??= code;
    has_left = true;
    view.say(why);
    over.abort();
  };
  const detach = (): void => leave(EXIT.interrupted, `Detached. The session runs on: tack attach ${session_id}`);
  const messages = createMessages({ client, session_id, turns: request.turns, say: view.say });
  const isRunning = (): boolean => progress.is_running || !messages.areOver(progress.over);
  const stops = createStops({ client, session_id, isRunning, say: view.say, detach });
  const dialogue = createDialogue({
    client,
    screen,
    look: () => lookOf(context),
    idle: () => (request.turns !== null || isRunning() ? null : '› '),
  });

  const row = (text: string): void => void process.stderr.write(text);
  const closeKeyboard = asks
    ? openKeyboard(context.stdin, row, {
        typed(text) {
          dialogue.typing(text);
          screen.typed(text);
        },
        submit: (line) => void (dialogue.take(line) || messages.send(line, isRunning())),
        interrupt: stops.interrupt,
        leave: () => leave(EXIT.ok, `Left. The session stays: tack attach ${session_id}`),
      })
    : () => undefined;
  const timer =
    request.timeout_s === undefined
      ? undefined
      : setTimeout(
          () => leave(EXIT.timeout, `Out of time. The session runs on: tack attach ${session_id}`),
          request.timeout_s * 1_000,
        );
  process.on('SIGINT', stops.interrupt).on('SIGTERM', detach).on('SIGHUP', detach);

  async function hear(heard: Followed): Promise<void> {
    view.hear(heard);
    if (heard.kind !== 'event') return;
    const { event } = heard;
    const before = progress;
    progress = proceed(progress, event);
    if (event.seq < request.live_after) return;
    if (progress.last_end !== before.last_end) await afterTurn(progress.last_end);
    if (asks) dialogue.follow(progress);
  }

  async function afterTurn(end: Progress['last_end']): Promise<void> {
    stops.turnEnded();
    if (!end?.work) return;
    const pieces = await bringWork({ session, place, work: end.work, connection });
    if (!context.out.json) screen.print(pieces);
  }

  /** Messages on their way may begin turns that are waited for. */
  const decided = async (): Promise<ExitCode | undefined> => {
    await messages.settled();
    return exitCodeOf(progress, {
      turns: messages.turns(),
      leaves_when_asked: !asks && !request.waits && !request.is_log,
    });
  };

  try {
    if (asks) view.say(context.out.colors.dim(HINT));
    if (asks && request.live_after <= request.after) dialogue.follow(progress);
    const follow = { after: request.after, deltas: !context.out.json, signal: over.signal };
    for await (const heard of client.events(session_id, follow)) {
      await hear(heard);
      if (heard.kind !== 'event' || heard.event.seq < request.live_after) continue;
      exit ??= await decided();
      if (exit !== undefined) break;
    }
  } finally {
    over.abort();
    clearTimeout(timer);
    process.off('SIGINT', stops.interrupt).off('SIGTERM', detach).off('SIGHUP', detach);
    closeKeyboard();
    screen.close();
  }
  return ended(context, exit ?? EXIT.ok, { progress, session_id, says_more: request.turns !== null && !has_left });
}

const HINT = '  Type a message, then Enter · Ctrl-C interrupts the turn, twice detaches · Ctrl-D leaves';

/** What came before the first event that is shown. */
async function standing({ client }: Connection, { session, after }: WatchRequest): Promise<Progress> {
  if (after === 0) return NO_PROGRESS;
  const { data } = await client.approvals.list({ session_id: session.id, status: 'pending' });
  return { ...NO_PROGRESS, is_running: session.can_interrupt, pending: data.map(({ id }) => id) };
}

function screenFor({ out }: Context, asks: boolean, is_log: boolean): Screen {
  const writers = { words: out.text, talk: is_log && !out.json ? out.line : out.say };
  if (!asks) return plainScreen(is_log || isOnePlace() ? together(writers) : writers);
  const row = (text: string): void => void process.stderr.write(text);
  return typingScreen({ ...writers, row, width: () => process.stdout.columns || 80 });
}

/** stdout and stderr end in the same terminal, pipe or file. */
function isOnePlace(): boolean {
  const [out, err] = [fstatSync(1), fstatSync(2)];
  return out.dev === err.dev && out.ino === err.ino && out.rdev === err.rdev;
}

interface Ended {
  readonly progress: Progress;
  readonly session_id: string;
  readonly says_more: boolean;
}

/** The last words of a watcher. */
function ended({ out }: Context, exit: ExitCode, { progress, session_id, says_more }: Ended): ExitCode {
  if (exit === EXIT.needs_person) {
    const [id] = [...progress.pending, ...progress.expired];
    if (id !== undefined && !out.json) out.line(id);
    out.say(
      `The session waits for a person, and nobody can be asked here. Answer elsewhere, then \`tack attach ${session_id}\`; with --wait this command stays.`,
    );
  } else if (says_more && !progress.is_closed)
    out.say(out.colors.dim(`  tack send ${session_id} "…" says more · tack attach ${session_id}`));
  return exit;
}
