/** The model server's own log: the model has heard every prompt once. Pure. */
import type { RecordedRequest } from '../../../src/demo/model-server/record.ts';
import type { Violation } from '../violation.ts';

export function judgeRequests(requests: readonly RecordedRequest[], prompts: readonly string[]): readonly Violation[] {
  const heard = requests.at(-1)?.tags ?? [];
  return prompts.flatMap((prompt) => {
    const times = heard.filter((tag) => prompt.includes(tag)).length;
    return times === 1
      ? []
      : [{ oracle: 'model server' as const, what: `the model heard ${times} times: ${prompt.slice(0, 80)}` }];
  });
}
