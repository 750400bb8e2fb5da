/** What the log says about a turn before an attempt starts: what was asked, answered, used up, started and never seen to end. */
import type { ApprovalStatus } from '../../domain/approval/words.ts';
import type { Envelope } from '../../domain/events/envelope.ts';
import type { EventLog } from '../../domain/ports/event-log.ts';
import type { Answer } from '../../domain/turn.ts';

export interface AskedBefore {
  readonly approval_id: string;
  readonly digest: string;
  readonly title: string;
  /** The call that it was asked for, in the harness's words. */
  readonly tool_use_id: string;
  status: ApprovalStatus;
  /** It may be younger than the input of a repeated attempt. */
  answer?: LoggedAnswer;
  /** Its answer has done its work: the same action again is a new question. */
  used: boolean;
  /** The harness has heard the answer, or was told by a later attempt. */
  told: boolean;
}
export interface LoggedAnswer extends Pick<Answer, 'decision' | 'actor'> {
  /** What the person wrote. */
  readonly words: string;
}
export interface StartedCall {
  readonly tool_use_id: string;
  readonly title: string;
}
export interface TurnHistory {
  readonly approvals: Map<string, AskedBefore>;
  readonly used_grants: Set<string>;
  /** Started in the last attempt that got anywhere, without a result. */
  readonly unknown_calls: readonly StartedCall[];
  /** The harness has heard the message: something came of it. */
  readonly begun: boolean;
  /** Attempts in a row, up to now, that brought nothing. */
  readonly fruitless: number;
  /** Milliseconds that its former attempts worked; the time without a process does not count. */
  readonly worked_ms: number;
}

const PAGE = 1_000;

/** Reads the turn's part of the log and folds it. */
export async function readHistory(log: EventLog, session_id: string, turn_id: string): Promise<TurnHistory> {
  const events: Envelope[] = [];
  for (let after = (await startOf(log, session_id, turn_id)) - 1; ;) {
    const page = await log.read(session_id, { after, limit: PAGE, types: TYPES });
    events.push(...page.filter((event) => event.turn_id === turn_id));
    if (page.length < PAGE) return foldHistory(events);
    after = page.at(-1)!.seq;
  }
}

/** Looked for from the end: a session has one turn at a time, and may have had thousands. */
async function startOf(log: EventLog, session_id: string, turn_id: string): Promise<number> {
  const { seq } = await log.head(session_id);
  for (let back = PAGE; ; back *= 8) {
    const after = Math.max(0, seq - back);
    const starts = await log.read(session_id, { after, limit: back, types: ['turn.started'] });
    const start = starts.findLast((event) => event.turn_id === turn_id);
    if (start || after === 0) return start?.seq ?? 1;
  }
}

const ATTEMPTS = ['turn.started', 'turn.resumed'];
/** What came of the message: the harness has heard it. */
const FRUITS = ['agent.message', 'agent.thinking', 'agent.tool_use', 'agent.tool_result'];
const TYPES = [...ATTEMPTS, ...FRUITS, 'turn.suspended', 'approval.requested', 'approval.resolved', 'grant.used'];

/** Pure: the same events, the same history. Events are those of one turn, in order. */
export function foldHistory(events: readonly Envelope[]): TurnHistory {
  const approvals = new Map<string, AskedBefore>();
  const used_grants = new Set<string>();
  const last_fruit = events.findLast(({ type }) => FRUITS.includes(type))?.seq ?? 0;
  for (const event of events) {
    const { type, seq, data } = event;
    if (type === 'approval.requested') {
      const asked = data['approval'] as { id: string; digest: string; title?: string; tool_use_id?: string };
      approvals.set(asked.id, {
        approval_id: asked.id,
        digest: asked.digest,
        title: asked.title ?? 'a call',
        tool_use_id: asked.tool_use_id ?? '',
        status: 'pending',
        used: false,
        told: false,
      });
    }
    if (type === 'approval.resolved') resolve(approvals.get(String(data['approval_id'])), event, seq < last_fruit);
    if (type === 'grant.used') {
      used_grants.add(String(data['grant_id']));
      const asked = approvals.get(String(data['approval_id']));
      if (asked) asked.used = asked.told = true;
    }
    if (type === 'agent.tool_use') {
      const asked = approvals.get(String(data['approval_id']));
      if (asked) asked.used = asked.told = true;
    }
  }
  return {
    approvals,
    used_grants,
    unknown_calls: unknownCalls(events, last_fruit),
    begun: last_fruit > 0,
    fruitless: fruitless(events),
    worked_ms: workedMs(events),
  };
}

function resolve(asked: AskedBefore | undefined, { actor, data }: Envelope, told: boolean): void {
  if (!asked) return;
  const { outcome, decision, message, input } = data as unknown as Resolved;
  asked.status = outcome;
  if (decision) asked.answer = { decision, actor, words: input === undefined ? (message ?? '') : wordsIn(input) };
  const refused = asked.status !== 'decided' || decision?.startsWith('deny');
  if (refused) Object.assign(asked, { used: true, told });
}

/** As the log is read: with its content. */
interface Resolved {
  readonly outcome: AskedBefore['status'];
  readonly decision?: Answer['decision'];
  readonly message?: string;
  readonly input?: unknown;
}

const wordsIn = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));

/** Only of the attempt whose calls nobody was told about: later attempts said so to the harness. */
function unknownCalls(events: readonly Envelope[], last_fruit: number): StartedCall[] {
  const attempt = events.findLast(({ type, seq }) => ATTEMPTS.includes(type) && seq < last_fruit)?.seq ?? 0;
  const recent = events.filter(({ seq }) => seq > attempt);
  const ended = new Set(
    recent.filter(({ type }) => type === 'agent.tool_result').map(({ data }) => data['tool_use_id']),
  );
  return recent
    .filter(({ type, data }) => type === 'agent.tool_use' && !ended.has(data['tool_use_id']))
    .map(({ data }) => ({ tool_use_id: String(data['tool_use_id']), title: String(data['title'] ?? data['name']) }));
}

/** An attempt that follows an approval or a move is no sign of trouble, nor is one that came as far as a new question. */
function fruitless(events: readonly Envelope[]): number {
  const news = events.findLast(
    ({ type, data }) => FRUITS.includes(type) || (type === 'approval.requested' && data['again'] !== true),
  );
  const since = events.filter(({ type, seq }) => ATTEMPTS.includes(type) && seq > (news?.seq ?? 0));
  const wanted = since.findLastIndex(
    ({ type, data }) => type === 'turn.started' || data['after'] === 'approval' || data['after'] === 'moved',
  );
  return since.length - Math.max(wanted, 0);
}

/** Each attempt lasted until the last sign of it. */
function workedMs(events: readonly Envelope[]): number {
  let worked = 0;
  let started: number | undefined;
  let last = 0;
  for (const { type, created_at } of events) {
    if (ATTEMPTS.includes(type)) {
      if (started !== undefined) worked += last - started;
      started = Date.parse(created_at);
    }
    if (started !== undefined && type !== 'approval.resolved') last = Date.parse(created_at);
  }
  return started === undefined ? 0 : worked + last - started;
}
