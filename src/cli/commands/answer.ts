import { z } from 'zod';
import { EXIT, TackError } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { decide } from '../decide.ts';
import { findApproval } from '../find-approval.ts';
import { plural } from '../render/amounts.ts';
import { oneLine } from '../render/printable.ts';
import { answerTo, questionsOf, type Question } from '../render/question.ts';
import { list, record } from '../render/read.ts';
import { sayStillOpen } from '../still-open.ts';

export const command = defineCommand({
  name: 'answer',
  summary: 'Answer a question of the agent.',
  arguments: [
    ['<id>', 'the approval, or the beginning of its id; `latest` or a session, when only one waits there'],
    ['<answer...>', 'the answer, or the letter of a suggested one; one argument a question when there are several'],
  ],
  examples: ['tack answer apr_01… "PostgreSQL 17"', 'tack answer apr_01… b', 'tack answer apr_01… "yes" "by Friday"'],
  input: z.strictObject({ id: z.string().min(1), answer: z.array(z.string()).min(1) }),
  async run({ id, answer }, context) {
    const { out } = context;
    const { client } = await context.connect();
    const approval = await findApproval(client, id);
    const input = inputOf(questionsOf(list(record(approval.request, 'preview'), 'questions')), answer);
    const decided = await decide(client, approval, { decision: 'answer', input });
    if (out.json) out.object(decided);
    else out.line(`${out.colors.green('✓')} Answered: ${oneLine(approval.title, 200)}`);
    await sayStillOpen(client, approval, out);
    return EXIT.ok;
  },
});

/** Text for one question; for several, each answer by its question. A letter stands for the suggestion that has it. */
function inputOf(questions: readonly Question[], given: readonly string[]): unknown {
  const [only] = questions;
  if (only === undefined) return given.join(' ');
  if (questions.length === 1) return { [only.question]: answerTo(only, given.join(' ')) };
  if (given.length !== questions.length)
    throw new TackError(
      'usage_invalid',
      `There are ${questions.length} questions and ${plural(given.length, 'answer')}: ${questions
        .map(({ question }, n) => `${n + 1}. ${oneLine(question, 80)}`)
        .join('  ')}`,
    );
  return Object.fromEntries(questions.map((question, n) => [question.question, answerTo(question, given[n] ?? '')]));
}
