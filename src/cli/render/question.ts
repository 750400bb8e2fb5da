/** Questions of an agent, with their choices by letter. */
import { printable } from './printable.ts';
import { isRecord, list, text } from './read.ts';

export interface Question {
  readonly question: string;
  readonly choices: readonly { readonly letter: string; readonly label: string; readonly description: string }[];
  readonly is_multiple: boolean;
}

export function questionsOf(questions: readonly unknown[]): readonly Question[] {
  return questions.map((asked) => {
    const said = isRecord(asked) ? asked : { question: String(asked) };
    return {
      question: text(said, 'question'),
      choices: list(said, 'options').map((option, n) => ({
        letter: String.fromCharCode(97 + n),
        label: isRecord(option) ? text(option, 'label') : String(option),
        description: isRecord(option) ? text(option, 'description') : '',
      })),
      is_multiple: said['multiSelect'] === true,
    };
  });
}

export function questionLines(questions: readonly unknown[]): readonly string[] {
  return questionsOf(questions).flatMap(({ question, choices }) => [
    ...printable(question).split('\n'),
    ...choices.map(({ letter, label, description }) =>
      printable(`  ${letter}) ${label}${description ? `: ${description}` : ''}`).replaceAll('\n', ' '),
    ),
  ]);
}

/** What a typed line means: the labels of the named letters, else the words themselves. */
export function answerTo({ choices, is_multiple }: Question, line: string): string {
  const letters = is_multiple ? line.split(/[\s,]+/).filter(Boolean) : [line.trim()];
  const labels = letters.map((letter) => choices.find((choice) => choice.letter === letter.toLowerCase())?.label);
  return labels.length > 0 && labels.every((label) => label !== undefined) ? labels.join(', ') : line.trim();
}
