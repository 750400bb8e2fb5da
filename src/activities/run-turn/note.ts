/** What an attempt that goes on tells its model: what became of the calls of the one before. Pure. */
import type { Answer } from '../../domain/turn.ts';
import type { TurnHistory } from './history.ts';

export interface Told {
  readonly history: Pick<TurnHistory, 'approvals' | 'unknown_calls' | 'begun'>;
  readonly answers: readonly Answer[];
  /** What people wrote, by approval. */
  readonly words: ReadonlyMap<string, string>;
}

/** Null when nothing happened yet: the message itself is to be said. */
export function resumeNote({ history, answers, words }: Told): string | null {
  if (!history.begun && history.approvals.size === 0) return null;
  const lines: string[] = [];
  for (const asked of history.approvals.values()) {
    const answer = answers.find(({ approval_id }) => approval_id === asked.approval_id);
    if (answer && !asked.told) lines.push(answered(asked.title, answer, words.get(answer.approval_id)));
    if (!answer && asked.status === 'pending')
      lines.push(`Your call ${quoted(asked.title)} was not run and still waits for an approval: run exactly it again.`);
    if (!answer && asked.status === 'expired' && !asked.told)
      lines.push(`Your call ${quoted(asked.title)} was refused: nobody answered in time.`);
  }
  for (const { title } of history.unknown_calls)
    lines.push(
      `Your call ${quoted(title)} was started, and its result is unknown: check whether it took effect before you run it again.`,
    );
  return ['The session was interrupted and goes on now.', ...lines, 'Go on with the task.'].join('\n');
}

function answered(title: string, { decision, actor }: Answer, words: string | undefined): string {
  const call = `Your call ${quoted(title)}`;
  if (decision === 'answer') return `${call} was answered by ${actor.id}: ${words ?? ''}`;
  if (decision.startsWith('allow')) return `${call} was approved by ${actor.id}: run exactly it again.`;
  return `${call} was refused by ${actor.id}${words ? `: ${words}` : '.'}`;
}

const quoted = (title: string) => `\`${title}\``;
