/** What lines of Claude Code's transcript prove that it will remember: a message of ours, a call, a result. Pure. */

/** `said:` the id we gave a message · `call:` and `result:` the id of a tool call. */
export type Mark = `${'said' | 'call' | 'result'}:${string}`;

interface Line {
  readonly type?: string | undefined;
  readonly uuid?: unknown;
  readonly message?: { readonly content?: unknown };
  readonly attachment?: { readonly source_uuid?: string };
}
interface Part {
  readonly type?: string;
  readonly id?: string;
  readonly tool_use_id?: string;
}

export function marksOf(lines: Uint8Array): Mark[] {
  return new TextDecoder()
    .decode(lines)
    .split('\n')
    .flatMap((line) => marksOfLine(parse(line)));
}

/** What a message of the stream will be in the transcript. */
export const callsIn = (message: Line): Mark[] => partsOf(message).flatMap(callOf);
export const resultsIn = (message: Line): Mark[] => partsOf(message).flatMap(resultOf);

/** Whether a resume finds a conversation here: Claude Code refuses a transcript that has none. */
export const opensConversation = (lines: Uint8Array): boolean =>
  marksOf(lines).some((mark) => mark.startsWith('said:'));

/** Whether an archived transcript has a message of ours. Quick: the archive may be large. */
export function hasSaid(transcript: Uint8Array, id: string): boolean {
  const bytes = Buffer.from(transcript.buffer, transcript.byteOffset, transcript.byteLength);
  return bytes.includes(`"uuid":"${id}"`) || bytes.includes(`"source_uuid":"${id}"`);
}

function marksOfLine(line: Line): Mark[] {
  const { type, uuid, attachment } = line;
  if (type === 'attachment') return attachment?.source_uuid ? [`said:${attachment.source_uuid}`] : [];
  if (type === 'assistant') return callsIn(line);
  return type === 'user' && typeof uuid === 'string' ? [`said:${uuid}`, ...resultsIn(line)] : [];
}

const partsOf = ({ message }: Line): readonly Part[] => (Array.isArray(message?.content) ? message.content : []);
const callOf = ({ type, id }: Part): Mark[] => (type === 'tool_use' && id ? [`call:${id}`] : []);
const resultOf = ({ type, tool_use_id: id }: Part): Mark[] => (type === 'tool_result' && id ? [`result:${id}`] : []);

function parse(line: string): Line {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // the agent can write here: a line without a meaning proves nothing
  }
}
