/** Tells the demo: a line a step, with the time; as NDJSON for machines. No cursor codes anywhere. */
import type { Envelope } from '../domain/events/envelope.ts';

type Colour = (text: string) => string;

/** Where the demo speaks; the command line hands it in. */
export interface Stage {
  readonly json: boolean;
  readonly colors: { readonly bold: Colour; readonly dim: Colour; readonly green: Colour; readonly yellow: Colour };
  line(text: string): void;
  object(value: unknown): void;
}

export interface Narrator {
  /** One step: words for people, fields for machines. */
  step(name: string, words: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Output of a command, or a diff, below the step. */
  quote(text: string): void;
  event(event: Envelope): void;
}

export function createNarrator(stage: Stage): Narrator {
  const { colors } = stage;
  const started = performance.now();
  const elapsed_ms = () => Math.round(performance.now() - started);
  const clock = () => colors.dim(`${(elapsed_ms() / 1000).toFixed(1).padStart(5)} s  `);
  const line = (text: string) => stage.line(`${clock()}${text}`);
  const quote = (text: string) => {
    for (const row of text.trimEnd().split('\n')) stage.line(`${' '.repeat(9)}${colors.dim('│')} ${row}`);
  };
  return {
    step(name, words, fields = {}) {
      if (stage.json) stage.object({ object: 'demo.step', step: name, elapsed_ms: elapsed_ms(), ...fields });
      else if (words) line(COLOURS[name] ? colors[COLOURS[name]](words) : words);
    },
    quote: (text) => {
      if (!stage.json && text.trim()) quote(text);
    },
    event(event) {
      if (stage.json) return stage.object(event);
      const told = wordsOf(event);
      if (told) line(event.type === 'agent.message' ? told : colors.dim(told));
      if (told && event.type === 'agent.tool_result') quote(textIn(event.data['content']));
    },
  };
}

/** The turns of the story. */
const COLOURS: Readonly<Record<string, 'bold' | 'green' | 'yellow'>> = {
  demo: 'bold',
  approval: 'yellow',
  killed: 'yellow',
  went_on: 'green',
  waiting: 'bold',
  tests_after: 'green',
  effects: 'green',
  evidence: 'green',
};

/** What a person wants to hear of an event; null: nothing. */
function wordsOf({ type, data }: Envelope): string | null {
  switch (type) {
    case 'agent.message':
      return `agent: ${textIn(data['content'])}`;
    case 'policy.evaluated': {
      const rules = (data['rules'] as readonly { readonly name: string }[]).map(({ name }) => name).join(', ');
      return `gate:  ${String(data['effect'])}  ${String(data['title'])}${rules ? `  (${rules})` : ''}`;
    }
    case 'agent.tool_result':
      return data['is_error'] ? 'it says, and fails:' : 'it says:';
    case 'checkpoint.created':
      return `the work is saved: ${String(data['commit']).slice(0, 10)}`;
    case 'harness.warned':
    case 'gate.bypassed':
    case 'error.raised':
      return `${type}: ${String(data['text'] ?? data['message'] ?? data['what'])}`;
    default:
      return null;
  }
}

const ROWS = 8;

function textIn(content: unknown): string {
  const text = (content as readonly { readonly text?: string }[]).map((part) => part.text ?? '').join('\n');
  const rows = text.trim().split('\n');
  return rows.length <= ROWS ? rows.join('\n') : [...rows.slice(0, ROWS), `… ${rows.length - ROWS} more`].join('\n');
}
