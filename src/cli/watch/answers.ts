/** What a typed line means for an approval: an answer, a further question, or words back. Pure. */
import type { z } from 'zod';
import type { Approval, ApprovalOption } from '../../api/contract/approval.ts';
import type { DecisionBody, DecisionWord } from '../../domain/approval/schema.ts';
import { answerTo, questionsOf, type Question } from '../render/question.ts';
import { list, record } from '../render/read.ts';

type Option = z.infer<typeof ApprovalOption>;

/** Where the talk about one approval stands. */
export type Step =
  | { readonly at: 'choose' }
  | { readonly at: 'why'; readonly decision: 'deny' | 'deny_and_stop' }
  | { readonly at: 'question'; readonly answers: Readonly<Record<string, string>> };

export type Reply =
  | { readonly do: 'decide'; readonly body: DecisionBody }
  | { readonly do: 'ask'; readonly step: Step }
  | { readonly do: 'show' }
  | { readonly do: 'tell'; readonly line: string };

export const firstStep = ({ kind }: Approval): Step =>
  kind === 'question' ? { at: 'question', answers: {} } : { at: 'choose' };

/** The question of the bottom row. */
export function askFor(approval: Approval, step: Step): string {
  switch (step.at) {
    case 'choose':
      return `Allow? ${letters(approval)} › `;
    case 'why':
      return 'Why not? The agent is told (Enter: no reason) › ';
    case 'question': {
      const all = questions(approval);
      const n = Object.keys(step.answers).length;
      return `Your answer${all.length > 1 ? ` ${n + 1} of ${all.length}` : ''} (/deny refuses) › `;
    }
  }
}

function letters({ options }: Approval): string {
  const lasting = optionOf(options, 'allow_session')?.pattern;
  return ['[y] once', ...(lasting ? ['[a] session'] : []), '[n] deny', '[x] stop', '[v] view'].join(' ');
}

export function replyTo(approval: Approval, step: Step, line: string): Reply {
  switch (step.at) {
    case 'choose':
      return chosen(approval, line.trim().toLowerCase());
    case 'why':
      return decide(approval, step.decision, line.trim() === '' ? {} : { message: line.trim() });
    case 'question':
      return answered(approval, step.answers, line);
  }
}

function chosen(approval: Approval, letter: string): Reply {
  switch (letter) {
    case 'y':
    case 'yes':
      return decide(approval, 'allow_once');
    case 'a': {
      const pattern = optionOf(approval.options, 'allow_session')?.pattern;
      return pattern
        ? decide(approval, 'allow_session', { pattern })
        : { do: 'tell', line: 'This can be allowed once only: y, or n.' };
    }
    case 'n':
    case 'no':
      return { do: 'ask', step: { at: 'why', decision: 'deny' } };
    case 'x':
      return { do: 'ask', step: { at: 'why', decision: 'deny_and_stop' } };
    case 'v':
      return { do: 'show' };
  }
  return { do: 'tell', line: 'Nothing was answered. Type y, a, n, x or v, then Enter.' };
}

function answered(approval: Approval, before: Readonly<Record<string, string>>, line: string): Reply {
  if (line.trim() === '/deny') return { do: 'ask', step: { at: 'why', decision: 'deny' } };
  if (line.trim() === '') return { do: 'tell', line: 'Type an answer, or /deny.' };
  const all = questions(approval);
  const asked = all[Object.keys(before).length];
  const answers = asked ? { ...before, [asked.question]: answerTo(asked, line) } : before;
  if (Object.keys(answers).length < all.length) return { do: 'ask', step: { at: 'question', answers } };
  return decide(approval, 'answer', { input: all.length === 0 ? line.trim() : answers });
}

/** Two questions with the same words have one answer. */
function questions({ request }: Approval): readonly Question[] {
  const all = questionsOf(list(record(request, 'preview'), 'questions'));
  return all.filter(({ question }, n) => all.findIndex((other) => other.question === question) === n);
}

const decide = (
  { digest }: Approval,
  decision: DecisionWord,
  more: Pick<DecisionBody, 'pattern' | 'message' | 'input'> = {},
): Reply => ({ do: 'decide', body: { digest, decision, ...more } });

const optionOf = (options: readonly Option[], decision: DecisionWord): Option | undefined =>
  options.find((option) => option.decision === decision);
