/** The row of a session, folded from its log: what lists show without reading logs. */
import type { SessionRow } from '../ports/projections.ts';
import { MACHINE_EVENTS } from '../session/event.ts';
import { evolve } from '../session/evolve.ts';
import { initial } from '../session/initial.ts';
import type { SessionState } from '../session/state.ts';
import { statusOf } from '../session/status.ts';
import type { Envelope } from './envelope.ts';

/** `state` is the machine's, from which the status follows; null before `session.created`. */
export interface SessionFold {
  readonly row: SessionRow;
  readonly state: SessionState | null;
}

/** One more event, as it is stored: with references in place of large fields. */
export function foldSession(before: SessionFold | null, event: Envelope): SessionFold {
  const state = stateAfter(before?.state ?? null, event);
  const row = { ...(before?.row ?? emptyRow(event)), ...changesOf(before?.row, event) };
  return { state, row: { ...row, ...shown(state), head_seq: event.seq, updated_at: event.created_at } };
}

const OF_MACHINE: ReadonlySet<string> = new Set(MACHINE_EVENTS);

function stateAfter(state: SessionState | null, event: Envelope): SessionState | null {
  if (event.type === 'session.created') return initial(event.data);
  return state !== null && OF_MACHINE.has(event.type) ? evolve(state, event) : state;
}

function emptyRow({ session_id, created_at }: Envelope): SessionRow {
  return {
    session_id,
    title: '',
    agent: '',
    harness: '',
    model: null,
    status: 'starting',
    reason: 'new',
    project_id: null,
    branch: null,
    head_seq: 0,
    turns: 0,
    pending_approvals: 0,
    queued: 0,
    input_tokens: 0,
    output_tokens: 0,
    work_commit: null,
    created_at,
    updated_at: created_at,
  };
}

/** What the machine's state says. */
function shown(state: SessionState | null): Partial<SessionRow> {
  if (state === null) return {};
  const pending_approvals = Object.values(state.approvals).filter(({ status }) => status === 'pending').length;
  return { ...statusOf(state), pending_approvals, queued: state.queue.length };
}

function changesOf(row: SessionRow | undefined, { type, data, created_at }: Envelope): Partial<SessionRow> {
  switch (type) {
    case 'session.created':
      return { ...named(data), created_at };
    case 'session.updated':
      return named(data);
    case 'turn.started':
      return { turns: (row?.turns ?? 0) + 1 };
    case 'usage.recorded':
      return {
        input_tokens: (row?.input_tokens ?? 0) + count(data['input_tokens']),
        output_tokens: (row?.output_tokens ?? 0) + count(data['output_tokens']),
      };
    case 'checkpoint.created':
      return texts({ work_commit: data['commit'], branch: data['ref'] });
    default:
      return {};
  }
}

const named = ({ title, agent, harness, model, project_id }: Readonly<Record<string, unknown>>): Partial<SessionRow> =>
  texts({ title, agent, harness, model, project_id });

const texts = (values: Readonly<Record<string, unknown>>): Partial<SessionRow> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'string'));

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
