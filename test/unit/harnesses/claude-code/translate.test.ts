/** What the real Claude Code said, in our words. The recordings are made by test/golden/claude-code/record.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { passedBy } from '../../../../src/harnesses/claude-code/bypass.ts';
import { MANIFEST } from '../../../../src/harnesses/claude-code/index.ts';
import { ControlRequest, IGNORED, NativeMessage } from '../../../../src/harnesses/claude-code/schema.ts';
import { leftovers, NO_MEMORY, translate, type Known } from '../../../../src/harnesses/claude-code/translate.ts';
import type { HarnessEvent } from '../../../../src/harnesses/contract.ts';

const GOLDENS = join(import.meta.dirname, '../../../golden/claude-code');
const stories = readdirSync(GOLDENS).filter((name) => name.endsWith('.jsonl'));
interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}
const linesOf = (story: string): Line[] =>
  readFileSync(join(GOLDENS, story), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const isMessage = ({ type }: Line): boolean => !IGNORED.includes(type) && type !== 'control_request';

/** As in the recordings: the second latch is asked about what the first one allowed. */
const known = (lines: readonly Line[]): Known => {
  const allowed = new Set(lines.flatMap((line) => requestIn(line, 'can_use_tool')));
  return { proven: MANIFEST.proven_version ?? '', wasAllowed: (id) => allowed.has(id) };
};

function requestIn(line: Line, subtype: 'hook_callback' | 'can_use_tool'): string[] {
  const request = ControlRequest.safeParse(line).data?.request;
  if (request?.subtype !== subtype) return [];
  return [request.subtype === 'hook_callback' ? request.input.tool_use_id : request.tool_use_id];
}

function played(lines: readonly Line[]): { readonly events: readonly HarnessEvent[]; readonly ends: number } {
  let memory = NO_MEMORY;
  const events: HarnessEvent[] = [];
  for (const line of lines.filter(isMessage)) {
    const translated = translate(NativeMessage.parse(line), memory, known(lines));
    memory = translated.memory;
    events.push(...translated.events);
  }
  events.push(...leftovers(memory));
  return { events, ends: events.filter(({ kind }) => kind === 'end').length };
}

/** The outcome, not the noise: frames that follow each other on one item are one line. */
function outcome(events: readonly HarnessEvent[]): unknown[] {
  const lines: unknown[] = [];
  let last: { item: string; delta: string } | undefined;
  for (const event of events) {
    if (event.kind === 'frame' && event.frame.type === 'item.delta') {
      const { item_id: item, delta, channel } = event.frame;
      if (last?.item === item) last.delta += delta;
      else lines.push((last = { item, delta, channel } as { item: string; delta: string }));
      continue;
    }
    last = undefined;
    lines.push(
      event.kind === 'event'
        ? { [event.event.type]: event.event.data }
        : event.kind === 'frame'
          ? event.frame
          : event.end,
    );
  }
  return lines;
}

describe.each(stories)('%s', (story) => {
  const lines = linesOf(story);

  it('reads as it did when it was recorded', async () => {
    const text = `${JSON.stringify(outcome(played(lines).events), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(GOLDENS, story.replace('.jsonl', '.outcome.json')));
  });

  it('is understood whole, and comes to one end', () => {
    for (const line of lines)
      expect(
        (line.type === 'control_request' ? ControlRequest : NativeMessage).safeParse(line).success ||
          IGNORED.includes(line.type),
        JSON.stringify(line),
      ).toBe(true);
    expect(played(lines).ends).toBe(1);
    expect(
      played(lines).events.filter((event) => event.kind === 'event' && event.event.type === 'harness.warned'),
    ).toHaveLength(story === 'retried.jsonl' ? 1 : story === 'cut.jsonl' ? 1 : 0);
  });

  it('says nothing twice under one key', () => {
    const keys = played(lines).events.flatMap((event) => (event.kind === 'event' ? [event.event.key] : []));
    expect(keys.toSorted()).toEqual([...new Set(keys)].toSorted());
  });

  it('is the same when it is played again', () => {
    expect(played(lines)).toEqual(played(lines));
  });

  it('has a result of each call that was asked about, and the tripwire sleeps when those were allowed', () => {
    const asked = lines.flatMap((line) => requestIn(line, 'hook_callback'));
    const results = played(lines).events.flatMap((event) =>
      event.kind === 'event' && event.event.type === 'agent.tool_result' ? [event.event.data['tool_use_id']] : [],
    );
    if (!story.startsWith('interrupted')) expect(results).toEqual(expect.arrayContaining(asked));
    const passed = lines.filter(isMessage).map((line) => passedBy(NativeMessage.parse(line), known(lines).wasAllowed));
    expect(passed.filter((id) => id !== null)).toEqual([]);
  });

  it('nothing that it ran escapes the tripwire when nobody allowed it', () => {
    const accepted = JSON.stringify(lines).split('"decision":"accept"').length - 1;
    const passed = lines.filter(isMessage).flatMap((line) => passedBy(NativeMessage.parse(line), () => false) ?? []);
    expect(passed).toHaveLength(accepted);
  });
});

describe('what no recording has', () => {
  const say = (line: unknown, memory = NO_MEMORY) => translate(NativeMessage.parse(line), memory, known([]));

  it('a result alone ends the turn of a version that does not say when it is idle', () => {
    const { events } = say({ type: 'result', subtype: 'success', usage: { input_tokens: 1, output_tokens: 2 } });
    const usage = { input: 1, output: 2, cache_read: 0, cache_write: 0 };
    expect(events).toEqual([{ kind: 'end', end: { end: 'completed', stop_reason: 'end_turn', usage } }]);
  });

  it.each([
    ['max_tokens', 'max_tokens'],
    ['refusal', 'refusal'],
    ['stop_sequence', 'end_turn'],
  ])('the stop reason %s is %s', (stop_reason, said) => {
    const { events } = say({ type: 'result', subtype: 'success', stop_reason });
    expect(events).toMatchObject([{ kind: 'end', end: { end: 'completed', stop_reason: said } }]);
  });

  it('a start that failed says why', () => {
    const { events } = say({
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      errors: ['No conversation found'],
    });
    expect(events).toEqual([
      { kind: 'end', end: { end: 'failed', code: 'harness_protocol', message: 'No conversation found' } },
    ]);
  });

  it('a summed up conversation is said', () => {
    const { events } = say({ type: 'system', subtype: 'compact_boundary', uuid: 'u1' });
    expect(events).toMatchObject([{ event: { type: 'harness.warned', data: { code: 'compacted' } } }]);
  });
});
