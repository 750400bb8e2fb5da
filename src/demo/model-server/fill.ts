/** Puts into a call what only the request knows: `{{pattern}}` becomes the last match of the regular expression in what the model was told. Pure. */
import type { MessagesRequest } from './messages.ts';
import { textsOfRequest } from './messages.ts';
import type { Reply } from './reply.ts';

/** `{{output written to: (\S+)}}` gives the first group; what is found nowhere stays as it is written. */
export function fillCalls(reply: Reply, request: MessagesRequest): Reply {
  if (!reply.calls || !JSON.stringify(reply.calls).includes('{{')) return reply;
  const told = textsOfRequest(request);
  return {
    ...reply,
    calls: reply.calls.map(({ name, input }) => ({ name, input: filled(input, told) as typeof input })),
  };
}

function filled(value: unknown, told: readonly string[]): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{\{(.+?)\}\}/g, (whole, pattern: string) => found(pattern, told) ?? whole);
  if (Array.isArray(value)) return value.map((item) => filled(item, told));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, told)]));
}

function found(pattern: string, told: readonly string[]): string | undefined {
  const match = told.flatMap((text) => [...text.matchAll(new RegExp(pattern, 'g'))]).at(-1);
  return match?.[1] ?? match?.[0];
}
