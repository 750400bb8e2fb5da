/** Reads what a model request cost from the provider's own answer, by looking at what passes. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  /** The provider's last word on it was not heard. */
  readonly partial: boolean;
}

export interface UsageTap {
  see(chunk: Buffer): void;
  /** A stream said its last event. */
  isOver(): boolean;
  usage(): Usage;
}

/** The longest line of a stream, and the longest answer in one piece, that is looked into. */
const LOOK_BYTES = 4_000_000;

/** `content_type` of the answer: a stream of events, or one JSON. */
export function tapUsage(content_type: string): UsageTap {
  const said: Record<string, number> = {};
  let complete = false;
  let over = false;
  let text = '';
  let skipping = false;
  const decoder = new TextDecoder();
  const streams = content_type.includes('text/event-stream');

  const hear = (message: Answer) => {
    for (const [name, tokens] of Object.entries(message.message?.usage ?? message.usage ?? {}))
      if (typeof tokens === 'number' && tokens >= 0) said[name] = Math.trunc(tokens);
    if (message.type === 'message_delta' && message.usage) complete = true;
    if (message.type === 'message_stop') over = true;
  };
  const line = (data: string) => {
    if (!data.startsWith('data:') || !data.includes('"message_')) return;
    const event = parsed(data.slice(5));
    if (event?.type?.startsWith('message_')) hear(event);
  };
  const lines = (more: string) => {
    const parts = more.split(/\r\n|\r|\n/);
    parts[0] = text + (parts[0] ?? '');
    text = parts.pop() ?? '';
    for (const part of parts) {
      if (!skipping) line(part);
      skipping = false;
    }
    if (skipping || text.length > LOOK_BYTES) [text, skipping] = ['', true];
  };

  return {
    see(chunk) {
      const more = decoder.decode(chunk, { stream: true });
      if (streams) lines(more);
      else if (text.length <= LOOK_BYTES) text += more;
    },
    isOver: () => over,
    usage() {
      if (!streams && text !== '') {
        const whole = parsed(text);
        if (whole) hear(whole);
        complete = whole !== null;
      }
      return {
        input_tokens: said['input_tokens'] ?? 0,
        output_tokens: said['output_tokens'] ?? 0,
        cache_read_tokens: said['cache_read_input_tokens'] ?? 0,
        cache_write_tokens: said['cache_creation_input_tokens'] ?? 0,
        partial: !complete,
      };
    },
  };
}

interface Answer {
  readonly type?: string;
  readonly message?: { readonly usage?: Readonly<Record<string, unknown>> };
  readonly usage?: Readonly<Record<string, unknown>>;
}

function parsed(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer | null;
  } catch {
    return null; // cut off, or not JSON: it says nothing about the cost
  }
}
