/** The log as SQLite and SHA-256 alone see it: nothing that stood there is gone or doubled, and every prompt has its turn. Pure. */
import type { StoredEvent } from '../../support/stored-log.ts';
import type { Violation } from '../violation.ts';

interface Expected {
  readonly before: readonly StoredEvent[];
  readonly turns: readonly string[];
}

export function judgeLog(log: readonly StoredEvent[], { before, turns }: Expected): readonly Violation[] {
  return [
    ...(JSON.stringify(log.slice(0, before.length)) === JSON.stringify(before)
      ? []
      : ['what stood in the log is another']),
    ...turns.flatMap((turn) => judgeTurn(log, turn)),
    ...doubled(log, 'agent.tool_use', 'tool_use_id'),
    ...doubled(log, 'agent.tool_result', 'tool_use_id'),
    ...doubled(log, 'grant.used', 'grant_id'),
    ...doubled(log, 'approval.resolved', 'approval_id'),
    ...judgeApprovals(log),
  ].map((what) => ({ oracle: 'log on disk', what }));
}

function judgeTurn(log: readonly StoredEvent[], turn: string): readonly string[] {
  const own = (type: RegExp) => log.filter((event) => event.turn_id === turn && type.test(event.type));
  const counted = [/^user\.message$/, /^turn\.started$/, /^turn\.completed$/].flatMap((type) => {
    const { length } = own(type);
    return length === 1 ? [] : [`${turn} has ${type.source} ${length} times`];
  });
  return [...counted, ...own(/^turn\.(failed|cancelled)$/).map(({ type }) => `${turn} ends with ${type}`)];
}

function doubled(log: readonly StoredEvent[], type: string, id: string): readonly string[] {
  const ids = log.filter((event) => event.type === type).map(({ data }) => String(data[id]));
  return [...new Set(ids.filter((one, n) => ids.indexOf(one) !== n))].map((one) => `${type} of ${one} is doubled`);
}

/** One question, one answer, and what the answer allows only after it. */
function judgeApprovals(log: readonly StoredEvent[]): readonly string[] {
  const asked = log
    .filter(({ type }) => type === 'approval.requested')
    .map(({ data }) => (data['approval'] as { id: string }).id);
  return [...new Set(asked)].flatMap((id) => {
    const firsts = ['approval.resolved', 'grant.created', 'grant.used', 'agent.tool_use'].map(
      (type) => log.find(({ type: own, data }) => own === type && data['approval_id'] === id)?.seq,
    );
    const isRight = firsts.every((seq, n) => seq !== undefined && (n === 0 || seq > (firsts[n - 1] ?? Infinity)));
    return isRight ? [] : [`${id}: resolved, granted, used, run at ${firsts.map((seq) => seq ?? 'never').join(', ')}`];
  });
}
