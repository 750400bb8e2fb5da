/** What must not be, of one session that was played: judged by its log, its effects file and the model server's record. Pure. */
import type { Envelope } from '../../../src/domain/events/envelope.ts';
import type { RecordedRequest } from '../../../src/demo/model-server/record.ts';
import { isEnd } from './stage.ts';
import type { Played } from './stories.ts';

export interface Evidence {
  readonly log: readonly Envelope[];
  readonly effects: readonly string[];
  readonly requests: readonly RecordedRequest[];
}

export interface Found {
  readonly faults: readonly string[];
  /** Calls without a result: interrupted, or cut off by a kill; told as unknown, and not run again by us. */
  readonly cut_off: number;
}

export function judge(played: Played, { log, effects, requests }: Evidence): Found {
  const faults: string[] = [];
  const found = (fault: string) => faults.push(`${played.session_id}: ${fault}`);

  for (const [turn, allowed] of Object.entries(played.turns)) {
    const ends = log.filter(({ type, turn_id }) => turn_id === turn && isEnd(type));
    if (ends.length !== 1) found(`${turn} has ${ends.length} ends`);
    for (const { type, data } of ends)
      if (!allowed.includes(type)) found(`${turn} ended as ${type}: ${JSON.stringify(data)}`);
    const starts = log.filter(({ type, turn_id }) => turn_id === turn && type === 'turn.started');
    if (starts.length !== 1) found(`${turn} was started ${starts.length} times`);
  }
  log.forEach(({ seq }, n) => seq !== n + 1 && found(`event ${n + 1} has seq ${seq}`));

  let cut_off = 0;
  for (const mark of played.marks) {
    const runs = effects.filter((line) => line.includes(mark)).length;
    const calls = log.filter(({ type, data }) => type === 'agent.tool_use' && says(data['input'], mark));
    const results = log.filter(({ type, data }) => type === 'agent.tool_result' && calls.some(isCallOf(data)));
    const worked = results.filter(({ data }) => !data['is_error'] && !data['interrupted'] && !data['not_run']).length;
    if (runs > 1) found(`${mark} ran ${runs} times`);
    if (runs === 0 && worked > 0) found(`${mark} has a result and never ran`);
    if (runs === 0 && calls.length === 0) found(`${mark} was never called`);
    if (worked === 0) cut_off++;
  }
  for (const mark of played.never ?? [])
    if (effects.some((line) => line.includes(mark))) found(`${mark} was refused and ran`);

  if (played.run === undefined) return { faults, cut_off };
  if (requests.length === 0) found('the model was never asked');
  const over = log.findLast(({ type }) => isEnd(type))?.created_at ?? '';
  const late = requests.filter(({ at }) => at > over);
  if (late.length > 0) found(`the model was asked ${late.length} times after the end`);
  return { faults, cut_off };
}

const says = (input: unknown, mark: string): boolean => JSON.stringify(input ?? null).includes(mark);
const isCallOf =
  (result: Envelope['data']) =>
  ({ data }: Envelope): boolean =>
    data['tool_use_id'] === result['tool_use_id'];
