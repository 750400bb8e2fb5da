/** What we say in one session, and what of it nobody has heard yet: that is kept, and said again by the next process. */
import { z } from 'zod';
import type { Sha256 } from '../../domain/canonical.ts';
import { textOf, type Content } from '../../domain/content.ts';
import type { ResumeState } from '../contract.ts';
import { firstMessage, Steer, turnUuid, type Message } from './said.ts';

export const Resume = z.object({
  native_session_id: z.uuid(),
  steers: z.array(Steer).default([]),
  /** Where the shell stood, when it had left the worktree's root: a new process begins there again. */
  cwd: z.string().optional(),
});
export type Resume = z.infer<typeof Resume>;

export interface Voice {
  /** The first message of an attempt. */
  begin(turn: {
    readonly turn_id: string;
    readonly note: string | null;
    readonly content: readonly Content[];
  }): Promise<Message>;
  /** Keeps a message before it is said into the turn; null: too large to be kept. */
  steer(content: readonly Content[]): Promise<Steer | null>;
  /** Where to go on. */
  state(cwd?: string): ResumeState;
}

export interface VoiceOptions {
  readonly resume: Resume;
  /** Whether the transcript has a message of ours. */
  readonly isHeard: (uuid: string) => boolean;
  readonly save: (state: ResumeState) => Promise<void>;
  readonly sha256: Sha256;
}

const KEPT_CHARS_MAX = 64_000;

export function createVoice({ resume, isHeard, save, sha256 }: VoiceOptions): Voice {
  let steers: readonly Steer[] = resume.steers;
  const state = (cwd?: string) => {
    steers = steers.filter(({ uuid }) => !isHeard(uuid));
    return { native_session_id: resume.native_session_id, ...(steers.length > 0 && { steers }), ...(cwd && { cwd }) };
  };
  return {
    state,
    async begin({ turn_id, note, content }) {
      state();
      const uuid = turnUuid(turn_id, sha256);
      const fresh_uuid = crypto.randomUUID();
      const cwd = resume.cwd ?? null;
      const first = firstMessage({ uuid, fresh_uuid, note, content, steers, heard: isHeard(uuid), cwd });
      if (steers.length === 0) return first;
      steers = steers.map((steer) => ({ ...steer, uuid: first.uuid })); // heard when this one is
      await save(state());
      return first;
    },
    async steer(content) {
      const isText = content.every(({ type }) => type === 'text');
      if (!isText || textOf(content).length > KEPT_CHARS_MAX) return null;
      const steer = { uuid: crypto.randomUUID() as string, content: [...content] };
      steers = [...steers, steer];
      await save(state());
      return steer;
    },
  };
}
