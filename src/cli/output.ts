/** stdout is the result, stderr the talk. No colour, cursor codes or questions where nobody sees them. */
import { createColors } from 'picocolors';

export interface Output {
  readonly json: boolean;
  readonly is_terminal: boolean;
  readonly colors: ReturnType<typeof createColors>;
  /** One line of the result. */
  line(text: string): void;
  /** Text of the result as it comes, without a newline. */
  text(text: string): void;
  /** One object of the result (`--json`). */
  object(value: unknown): void;
  /** One line of talk. */
  say(text: string): void;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly is_terminal: boolean;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export function createOutput({ json, color, is_terminal, stdout, stderr }: OutputOptions): Output {
  return {
    json,
    is_terminal,
    colors: createColors(color),
    line: (text) => void stdout.write(`${text}\n`),
    text: (text) => void stdout.write(text),
    object: (value) => void stdout.write(`${JSON.stringify(value).replaceAll(HIGH_CONTROLS, escaped)}\n`),
    say: (text) => void stderr.write(`${text}\n`),
  };
}

/** JSON writes the low controls as letters; some terminals obey these, too. */
const HIGH_CONTROLS = /[\u007f-\u009f]/g;
const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
