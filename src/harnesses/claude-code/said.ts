/** What is said to Claude Code, under ids of ours, so that what an earlier process has heard is not said twice. Pure. */
import { z } from 'zod';
import type { Sha256 } from '../../domain/canonical.ts';
import { Content } from '../../domain/content.ts';

/** A message that went into a turn and may not have been heard when its process ends. */
export const Steer = z.object({ uuid: z.uuid(), content: z.array(Content) });
export type Steer = z.infer<typeof Steer>;

export interface Message {
  readonly uuid: string;
  readonly content: readonly Block[];
}
type Block = Readonly<Record<string, unknown>>;

/** The same turn has the same id on every attempt. */
export function turnUuid(turn_id: string, sha256: Sha256): string {
  const hex = sha256(`tackroom/turn/${turn_id}`);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

export function messageOf(uuid: string, content: readonly Content[]): Message {
  return { uuid, content: [...content.map(native), END] };
}

export interface Begin {
  readonly uuid: string;
  /** For a message that does not bring the prompt. */
  readonly fresh_uuid: string;
  readonly note: string | null;
  readonly content: readonly Content[];
  /** What went into the turn before and was not heard. */
  readonly steers: readonly Steer[];
  /** The transcript has the prompt. */
  readonly heard: boolean;
  /** Where the shell of the former process stood. */
  readonly cwd: string | null;
}

/** The first message of an attempt: what became of its calls, then what was not heard yet. */
export function firstMessage({ uuid, fresh_uuid, note, content, steers, heard, cwd }: Begin): Message {
  const news = [...(heard ? [] : content), ...steers.flatMap((steer) => steer.content)];
  const words = [
    ...(note === null ? [] : [note]),
    ...(note === null && heard ? [GO_ON] : []),
    ...(cwd === null ? [] : [`Your shell was in ${cwd}, and stands in the root of the worktree now.`]),
  ];
  const all = [...words.map((text) => ({ type: 'text', text }) as const), ...news];
  return messageOf(heard || content.length === 0 ? fresh_uuid : uuid, all);
}

const GO_ON = 'The session was interrupted and goes on now. Go on with the task.';

/**
 * The last text of a message is searched for slash commands and for mentions of files, which are read without asking
 * anybody. So the last text is always this one.
 */
const END: Block = { type: 'text', text: '(End of the message.)' };

function native(part: Content): Block {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image', source: { type: 'base64', media_type: part.media_type, data: part.data } };
    case 'file':
      if (part.media_type === 'application/pdf')
        return { type: 'document', source: { type: 'base64', media_type: part.media_type, data: part.data } };
      return { type: 'text', text: `File ${part.name}:\n${Buffer.from(part.data, 'base64').toString()}` };
  }
}
