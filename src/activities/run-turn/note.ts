/** What an attempt that goes on tells its model: what became of the calls of the one before. Pure. */
import type { Answer } from '../../domain/turn.ts';
import type { AskedBefore, LoggedAnswer, TurnHistory } from './history.ts';

export interface Told {
  readonly history: Pick<TurnHistory, 'approvals' | 'unknown_calls' | 'begun'>;
  readonly answers: readonly Answer[];
  /** What people wrote, by approval. */
  readonly words: ReadonlyMap<string, string>;
}

/** Null when nothing happened yet: the message itself is to be said. */
export function resumeNote(told: Told): string | null {
  const { history } = told;
  if (!history.begun && history.approvals.size === 0) return null;
  const lines: string[] = [];
  for (const asked of history.approvals.values()) {
    const answer = answerTo(asked, told);
    if (answer && !asked.told) lines.push(answered(asked.title, answer));
    if (!answer && asked.status === 'pending')
      lines.push(`Your call ${quoted(asked.title)} was not run and still waits for an approval: run exactly it again.`);
    if (!answer && asked.status === 'expired' && !asked.told)
      lines.push(`Your call ${quoted(asked.title)} was refused: nobody answered in time.`);
  }
  for (const { title } of history.unknown_calls)
    lines.push(
      `Your call ${quoted(title)} was started, and its result is unknown: check whether it took effect before you run it again.`,
    );
  lines.push(NO_OTHER);
  return ['The session was interrupted and goes on now.', ...lines, 'Go on with the task.'].join('\n');
}

/**
 * Harnesses say of what was cut off that its outcome is unknown; but what ran stands in the log. Never judged are the calls of
 * a batch behind one that waits, and one whose question is on its way into the log while its next attempt reads it.
 */
const NO_OTHER =
  'No other call of yours without a result, or a word about it, was run: make it again if it is still needed.';

/** Given while its worker was dead, an answer is in the log alone. */
function answerTo({ approval_id, answer: logged }: AskedBefore, { answers, words }: Told): LoggedAnswer | undefined {
  const given = answers.find((answer) => answer.approval_id === approval_id);
  return given ? { ...given, words: words.get(approval_id) ?? '' } : logged;
}

function answered(title: string, { decision, actor, words }: LoggedAnswer): string {
  const call = `Your call ${quoted(title)}`;
  if (decision === 'answer') return `${call} was answered by ${actor.id}: ${words}`;
  if (decision.startsWith('allow')) return `${call} was approved by ${actor.id}: run exactly it again.`;
  return `${call} was refused by ${actor.id}${words ? `: ${words}` : '.'}`;
}

const quoted = (title: string) => `\`${title}\``;
