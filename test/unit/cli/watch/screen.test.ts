import { describe, expect, it } from 'vitest';
import { typingScreen } from '../../../../src/cli/watch/screen.ts';

// oxlint-disable-next-line no-control-regex -- a newline, and the taking away of a row
const CODES = /(\n|\r\u001b\[2K)/;

/** A terminal of one column of rows: obeys the two codes that the screen may use, and refuses all others. */
function aTerminal(width = 60) {
  const rows: string[] = [''];
  const write = (text: string) => {
    for (const part of text.split(CODES)) {
      if (part === '\n') rows.push('');
      else if (part === '\r\u001b[2K') rows[rows.length - 1] = '';
      else {
        // oxlint-disable-next-line no-control-regex -- nothing else may come
        if (/[\u0000-\u001f]/.test(part)) throw new Error(`a code that nobody expects: ${JSON.stringify(part)}`);
        rows[rows.length - 1] += part;
        if ((rows.at(-1)?.length ?? 0) > width) throw new Error(`a row that wraps: ${rows.at(-1)}`);
      }
    }
  };
  const screen = typingScreen({ words: write, talk: (line) => write(`${line}\n`), row: write, width: () => width });
  const words = (text: string) => screen.print([{ to: 'words', text }]);
  const talk = (line: string) => screen.print([{ to: 'talk', line }]);
  return { screen, rows, words, talk };
}

describe('the screen of a person who types', () => {
  it('holds everything back while something is typed, and goes on where it was', () => {
    const { screen, rows, words, talk } = aTerminal();
    words('one two');
    screen.typed('h');
    screen.typed('hi');
    words(' three');
    talk('● Bash');
    expect(rows).toEqual(['one two', '› hi']);
    screen.typed('');
    expect(rows).toEqual(['one two', ' three', '● Bash', '']);
  });

  it('takes a question away when somebody else has answered it', () => {
    const { screen, rows, talk } = aTerminal();
    talk('▲ Needs you');
    screen.ask('Allow? › ');
    expect(rows).toEqual(['▲ Needs you', 'Allow? › ']);
    screen.ask(null);
    talk('✓ Allowed once by ann via web');
    expect(rows).toEqual(['▲ Needs you', '✓ Allowed once by ann via web', '']);
  });

  it('keeps the question below what is printed meanwhile', () => {
    const { screen, rows, talk } = aTerminal();
    screen.ask('Allow? › ');
    talk('a line');
    expect(rows).toEqual(['a line', 'Allow? › ']);
  });

  it('breaks a line of words once where a line of talk comes in between', () => {
    const { rows, words, talk } = aTerminal();
    words('half');
    talk('■ Interrupting');
    words('\n');
    talk('■ Stopped');
    expect(rows).toEqual(['half', '■ Interrupting', '■ Stopped', '']);
  });

  it('keeps the row one row, however much is typed and however wide its letters are', () => {
    const { screen, rows } = aTerminal(40);
    screen.ask(`${'Q'.repeat(80)} › `);
    screen.typed('x'.repeat(200));
    expect(rows).toHaveLength(1);
    screen.typed('日本'.repeat(50));
    expect(rows).toHaveLength(1);
    screen.typed('line\nline');
    expect(rows.at(-1)).toContain('line⏎line');
  });

  it('gives up its row and prints what waited when it is closed', () => {
    const { screen, rows, talk } = aTerminal();
    screen.typed('unsent');
    talk('✓ Done');
    screen.close();
    expect(rows).toEqual(['✓ Done', '']);
  });
});
