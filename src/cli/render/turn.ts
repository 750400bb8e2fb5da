/** A turn: who began it, what interrupts it, how it ended and what it used. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { ERROR_KINDS, isErrorCode } from '../../domain/errors.ts';
import { between, count, duration, plural } from './amounts.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { linesOf, oneLine } from './printable.ts';
import { by, list, number, record, text, words } from './read.ts';
import type { RenderState } from './state.ts';
import { closed } from './words.ts';

const PROMPT_LINES = 12;

export function heard(event: Envelope, state: RenderState, { colors }: Look): Rendered {
  const { data, actor, via } = event;
  const how = { steer: ' (into the running turn)', queue: ' (waits for its turn)' }[text(data, 'delivery')] ?? '';
  const who = via === 'cli' || via === null ? '' : ` (${oneLine(`${actor.id} via ${via}`, 80)})`;
  const all = linesOf(words(data));
  const lines = all.slice(0, PROMPT_LINES).map((line, n) => colors.bold(`${n === 0 ? '›' : ' '} ${line}`));
  const more = all.length > PROMPT_LINES ? [colors.dim(`  … ${all.length - PROMPT_LINES} more lines`)] : [];
  const [first = '', ...rest] = lines;
  return {
    state,
    pieces: talk(`${first}${colors.dim(how + who)}`, ...rest, ...more),
  };
}

export function started({ created_at }: Envelope, state: RenderState): Rendered {
  const turn = { started_at: created_at, calls: 0, input_tokens: 0, output_tokens: 0, cached_tokens: 0 };
  return { state: { ...state, turn }, pieces: [] };
}

export function suspended({ data }: Envelope, state: RenderState, { colors }: Look): Rendered {
  const ids = list(data, 'approval_ids').map(String);
  return {
    state,
    pieces: talk(
      colors.yellow(
        '■ Suspended: nobody has answered yet. No process of the session is left; it goes on with the answer, also after days:',
      ),
      ...ids.map((id) => `    tack approve ${oneLine(id, 60)} · tack deny ${oneLine(id, 60)} -m "why"`),
    ),
  };
}

const AFTER: Readonly<Record<string, string>> = {
  approval: 'goes on with the answer',
  crash: 'goes on after a crash of its worker or harness',
  host_lost: 'goes on: its worker was lost',
  moved: 'goes on in a fresh attempt',
};

export function resumed({ data }: Envelope, state: RenderState, { colors }: Look): Rendered {
  const words = AFTER[text(data, 'after')] ?? `goes on (${oneLine(text(data, 'after'), 40)})`;
  const unknown = list(data, 'unknown_calls').length;
  const told = unknown > 0 ? `; ${plural(unknown, 'call')} with an unknown result` : '';
  const reason = data['reason'] === undefined ? '' : `: ${oneLine(text(data, 'reason'), 200)}`;
  return {
    state,
    pieces: talk(colors.cyan(`▶ The turn ${words} (attempt ${number(data, 'attempt')}${told})${reason}`)),
  };
}

export function used({ data }: Envelope, state: RenderState): Rendered {
  const { turn } = state;
  if (!turn) return { state, pieces: [] };
  const next = {
    ...turn,
    input_tokens: turn.input_tokens + number(data, 'input_tokens'),
    output_tokens: turn.output_tokens + number(data, 'output_tokens'),
    cached_tokens: turn.cached_tokens + number(data, 'cache_read_tokens'),
  };
  return { state: { ...state, turn: next }, pieces: [] };
}

export function completed(event: Envelope, state: RenderState, look: Look): Rendered {
  const reason = text(event.data, 'stop_reason');
  const odd = reason && reason !== 'end_turn' ? ` (${oneLine(reason, 40)})` : '';
  return ended(event, state, look.colors.green(`✓ Done${odd}`));
}

export function failed(event: Envelope, state: RenderState, { colors }: Look): Rendered {
  const error = record(event.data, 'error');
  const code = text(error, 'code');
  const end = ended(event, state, colors.red(`✗ The turn failed (${oneLine(code, 60)})`));
  const why = linesOf(text(error, 'message')).map((line) => `  ${line}`);
  const way_out = isErrorCode(code) ? [`  ${ERROR_KINDS[code].way_out}`] : [];
  return { ...end, pieces: [...end.pieces, ...talk(...why, ...way_out)] };
}

export function cancelled(event: Envelope, state: RenderState, { colors }: Look): Rendered {
  return ended(event, state, colors.yellow(`■ The turn was stopped ${by(event)}`));
}

/** The head, and what the turn took: calls, time, tokens. */
function ended({ created_at }: Envelope, before: RenderState, head: string): Rendered {
  const { state, pieces } = closed(before);
  const { turn } = state;
  const figures = turn
    ? [
        ...(turn.calls > 0 ? [plural(turn.calls, 'call')] : []),
        duration(between(turn.started_at, created_at)),
        ...(turn.input_tokens + turn.output_tokens > 0
          ? [
              `${count(turn.input_tokens)} tokens in${turn.cached_tokens > 0 ? ` (+${count(turn.cached_tokens)} cached)` : ''}, ${count(turn.output_tokens)} out`,
            ]
          : []),
      ]
    : [];
  return {
    state: { ...state, turn: null, said: {}, unsure: [], calls: {}, last_call: null },
    pieces: [...pieces, ...talk([head, ...figures].join(' · '))],
  };
}
