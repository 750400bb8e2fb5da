import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, printable } from '../../../../src/cli/render/printable.ts';
import { EVENT_TYPES } from '../../../../src/domain/events/vocabulary.ts';
import { begins, delta, event, shown, snapshot } from './a-story.ts';

/** What steers a terminal, or hides from the eye: none of it may be left. Written byte by byte, not with our expression. */
function steers(text: string): boolean {
  return Array.from(text).some((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    const isControl = (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code < 0xa0);
    const isTurn =
      [0x061c, 0x200e, 0x200f].includes(code) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069);
    return isControl || isTurn || (code >= 0xe0000 && code <= 0xe007f);
  });
}

const ATTACKS: Readonly<Record<string, string>> = {
  'a new window title': '\u001b]0;owned\u0007',
  'a copy to the clipboard': '\u001b]52;c;cm0gLXJmIH4=\u001b\\',
  'a cleared screen': '\u001b[2J\u001b[H',
  'a line written over': 'rm -rf ~\rls     ',
  'a step back over the letters': 'rm -rf ~\b\b\b\b\b\b\b\bls      ',
  'one-byte sequences': '\u009b2J\u009d0;owned\u009c',
  'an answer typed by the terminal': '\u001b[6n\u001bP$q"p\u001b\\',
  'text in the other direction': 'rm \u202e~ fr-\u2066 x\u2069',
  'a hidden link': '\u001b]8;;http://evil\u001b\\here\u001b]8;;\u001b\\',
  'hidden letters': 'ls\u{e0072}\u{e006d}',
};

describe('printable', () => {
  it.each(Object.entries(ATTACKS))('shows %s and does not obey it, in any field of any event', (_name, attack) => {
    expect(steers(attack)).toBe(true); // the control: as it is, it would work
    const fields = (text: string) => ({
      approval: {
        id: text,
        kind: 'tool',
        title: text,
        name: text,
        input: { plan: text, content: text, file_path: text },
        preview: { kind: 'file.write', script: text, other: text },
        rules: [{ name: text, level: text, reason: text }],
        pattern: { on: text, commands: [text] },
        expires_at: text,
      },
      ...Object.fromEntries(
        [
          'text',
          'title',
          'name',
          'message',
          'code',
          'what',
          'target',
          'host_id',
          'from_host',
          'grant_id',
          'after',
          'stop_reason',
          'not_run',
          'delivery',
          'agent',
          'harness',
          'model',
          'decision',
          'reason',
          'effect',
        ].map((field) => [field, text]),
      ),
      error: { code: text, message: text },
      input: { old_string: text, new_string: `x${text}` },
      content: [{ type: 'text', text }],
      rules: [{ name: text, level: text, reason: text }],
      entries: [{ content: text, status: text }],
      approval_ids: [text],
      effect_: text,
    });
    const actor = { type: 'user' as const, id: attack };
    for (const type of EVENT_TYPES) {
      const { screen } = shown([event('turn.started'), event(type, fields(attack), { actor })]);
      expect(steers(screen), `${type}: ${JSON.stringify(screen)}`).toBe(false);
    }
    for (const decision of ['allow_session', 'answer', 'deny'])
      expect(steers(shown([event('approval.resolved', { ...fields(attack), decision }, { actor })]).screen)).toBe(
        false,
      );
    expect(steers(shown([event('policy.evaluated', { ...fields(attack), effect: 'deny' })]).screen)).toBe(false);
    expect(steers(shown([event(`x${attack}` as 'turn.started')]).screen)).toBe(false);
  });

  it.each(Object.entries(ATTACKS))(
    'shows %s and does not obey it when it streams letter by letter',
    (_name, attack) => {
      const letters = Array.from(attack).map((letter) => delta('itm_1', letter));
      const { screen } = shown([begins('itm_1'), ...letters, begins('itm_2'), snapshot('itm_2', attack)]);
      expect(screen.length).toBeGreaterThan(attack.length);
      expect(steers(screen), JSON.stringify(screen)).toBe(false);
    },
  );

  it('leaves nothing that steers in any text at all', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        (text) => !steers(printable(text)) && !steers(oneLine(text, 40)),
      ),
    );
  });

  it('leaves ordinary words as they are: other scripts, emoji of several signs, tabs and lines', () => {
    for (const text of ['plain\n\ttext', 'naïve café 日本語 한국어 עברית العربية', '👨‍👩‍👧 می‌خواهم 🏳️‍🌈', '− → “x” …'])
      expect(printable(text)).toBe(text);
  });

  it('leaves colours of a tool out, and takes the line ends of Windows as line ends', () => {
    expect(printable('\u001b[32mok\u001b[39m\r\nnext')).toBe('ok\nnext');
  });

  it('shows what it stopped, so that nobody wonders', () => {
    expect(printable('\u001b]0;x\u0007')).toBe('␛]0;x␇');
    expect(printable('a\u202eb')).toBe('a<U+202E>b');
  });

  it('cuts a line with a sign, between letters and not within one', () => {
    expect(oneLine('one\n  two', 100)).toBe('one ⏎ two');
    expect(oneLine('👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', 2)).toBe('👨‍👩‍👧…');
  });
});
