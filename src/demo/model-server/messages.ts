/** What a request of the Anthropic Messages API says about where its scenario stands. Pure; nothing is kept between requests. */
import { createHash } from 'node:crypto';
import { lastTag, type Tag } from './tag.ts';

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly content?: string | readonly Block[];
}
export interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly system?: string | readonly Block[];
  readonly tools?: readonly { readonly name: string }[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
}

export interface Standing {
  readonly tag: Tag | null;
  readonly hash: string;
  /** From 0: the first step without a result. */
  readonly step: number;
  /** Titles of the calls that the user said to run again, until one was made. */
  readonly again: readonly string[];
  /** Calls of the step before that were not run, as their place in it: the note says so of all that it does not name. */
  readonly unrun: readonly number[];
  /** Titles that the note names. */
  readonly named: readonly string[];
}

const CALL_ID = /^toolu_q([0-9a-f]{8})s(\d+)n(\d+)x/;
const AGAIN = 'run exactly it again';
const NO_OTHER = 'No other call of yours';
const INTERRUPTED = '[Tool call interrupted';
const NAMED = /Your call `((?:(?!` was )[\s\S])*)` was /g;
const RUN_AGAIN = /Your call `((?:(?!` was )[\s\S])*)` was [^\n]*run exactly it again/g;

export const callId = (hash: string, step: number, n: number): string =>
  `toolu_q${hash}s${step}n${n}x${Math.random().toString(36).slice(2, 8)}`;

/** Where the scenario of this request stands: by the ids of the calls that came back, not by any memory of ours. */
export function standingOf({ messages }: MessagesRequest): Standing {
  const texts = messages.flatMap(({ role, content }) => (role === 'user' ? textsOf(content) : []));
  const tag = texts.map(lastTag).findLast((found) => found !== null) ?? null;
  const hash = createHash('sha256')
    .update(tag?.text ?? '')
    .digest('hex')
    .slice(0, 8);
  const results = messages.flatMap(({ role, content }) =>
    role === 'user' ? blocksOf(content).filter(({ type }) => type === 'tool_result') : [],
  );
  const done = results.flatMap(({ tool_use_id = '' }) => {
    const [, of, step] = CALL_ID.exec(tool_use_id) ?? [];
    return of === hash ? [Number(step)] : [];
  });
  const step = Math.max(-1, ...done) + 1;
  const note = answeredSince(messages) ? '' : (texts.findLast(isNote) ?? '');
  const last = messages.findLast(({ role, content }) => role === 'assistant' && callsIn(content).length > 0);
  const cut = results.filter(
    (block) =>
      callsIn(last?.content ?? '').some(({ id }) => id === block.tool_use_id) &&
      resultText(block).startsWith(INTERRUPTED),
  );
  const unrun = cut.flatMap(({ tool_use_id = '' }) => {
    const [, of, at, n] = CALL_ID.exec(tool_use_id) ?? [];
    return of === hash && Number(at) === step - 1 ? [Number(n)] : [];
  });
  return {
    tag,
    hash,
    step,
    again: titlesIn(note, RUN_AGAIN),
    unrun: note.includes(NO_OTHER) ? unrun : [],
    named: titlesIn(note, NAMED),
  };
}

const isNote = (text: string): boolean => text.includes(AGAIN) || text.includes(NO_OTHER);
const titlesIn = (note: string, pattern: RegExp): readonly string[] =>
  [...note.matchAll(pattern)].map((match) => match[1] ?? '');

/** The note was heard and a call was made after it: the scenario is past it. */
function answeredSince(messages: MessagesRequest['messages']): boolean {
  const note = messages.findLastIndex(({ role, content }) => role === 'user' && textsOf(content).some(isNote));
  return messages.slice(note + 1).some(({ role, content }) => role === 'assistant' && callsIn(content).length > 0);
}

/** Everything that the model was told: the system's words, people's, and results, in their order. */
export const textsOfRequest = ({ system, messages }: MessagesRequest): readonly string[] => [
  ...textsOf(system ?? []),
  ...messages.flatMap(({ content }) =>
    blocksOf(content).map((block) => (block.type === 'tool_result' ? resultText(block) : (block.text ?? ''))),
  ),
];

/** What the last message of the request brought: for the record. */
export function lastItem({ messages }: MessagesRequest): string {
  const content = messages.at(-1)?.content ?? '';
  return blocksOf(content)
    .map((block) =>
      block.type === 'tool_result' ? `result ${block.tool_use_id}: ${resultText(block)}` : (block.text ?? block.type),
    )
    .join('\n');
}

/** The tags of all prompts that the request carries, in their order. */
export const tagsOf = ({ messages }: MessagesRequest): readonly string[] =>
  messages
    .flatMap(({ role, content }) => (role === 'user' ? textsOf(content) : []))
    .flatMap((text) => lastTag(text)?.text ?? []);

/** The tool results of a request, by call id. */
export function resultsOf({ messages }: MessagesRequest): Readonly<Record<string, string>> {
  const results = messages.flatMap(({ content }) => blocksOf(content).filter(({ type }) => type === 'tool_result'));
  return Object.fromEntries(results.map((block) => [block.tool_use_id ?? '', resultText(block)]));
}

const resultText = ({ content = '' }: Block): string =>
  typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
const blocksOf = (content: string | readonly Block[]): readonly Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;
const callsIn = (content: string | readonly Block[]): readonly Block[] =>
  blocksOf(content).filter(({ type }) => type === 'tool_use');
const textsOf = (content: string | readonly Block[]): readonly string[] =>
  blocksOf(content).flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []));
