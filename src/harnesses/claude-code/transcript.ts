/** Claude Code's own transcript, followed out of the home line by line, so that a resume needs nothing but the archive. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TackError } from '../../domain/errors.ts';
import { hasSaid, marksOf, opensConversation, type Mark } from './marks.ts';
import { readOwn } from './read-own.ts';

export interface Transcript {
  /** Archives the whole lines that were added. Serial: a second call waits for the first. */
  follow(): Promise<void>;
  /** Follows until the archive has this; false: Claude Code ended, or took too long, without writing it. */
  holds(mark: Mark): Promise<boolean>;
  /** Whether the archive has a message of ours. */
  isHeard(uuid: string): boolean;
  /** Throws `gate_bypassed` when what was archived does not stand in the file as it was. */
  assertUntouched(): void;
  /** Claude Code has ended: follows to the end of the file, and never again. */
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly file: string;
  readonly uid: number;
  /** The archived beginning, which the file already has. */
  readonly archived: Uint8Array;
  readonly archive: (offset: number, bytes: Uint8Array) => Promise<void>;
}

/** Claude Code writes what it has said each 100 ms, and tells nobody when it did. */
const LOOK_MS = 15;
const HOLDS_MS = 5_000;

export function followTranscript({ file, uid, archived, archive }: FollowOptions): Transcript {
  const hash = createHash('sha256').update(archived);
  const seen = new Set<Mark>();
  let offset = archived.length;
  let last: Promise<void> = Promise.resolve();
  let closed: Promise<void> | undefined;

  async function step(): Promise<void> {
    const bytes = readOwn(file, { uid, from: offset });
    if (bytes === null) throw changed('became shorter');
    const lines = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    // a transcript without a prompt cannot be resumed: it is not begun yet
    if (lines.length === 0 || (offset === 0 && !opensConversation(lines))) return;
    await archive(offset, lines);
    hash.update(lines);
    offset += lines.length;
    for (const mark of marksOf(lines)) seen.add(mark);
  }

  const changed = (how: string): TackError =>
    new TackError('gate_bypassed', `The transcript of Claude Code ${how}.`, { data: { archived_bytes: offset } });
  const follow = (): Promise<void> => closed ?? (last = last.then(step));
  return {
    follow,
    async holds(mark) {
      const deadline = performance.now() + HOLDS_MS;
      for (;;) {
        const isLast = closed !== undefined || performance.now() > deadline;
        await follow();
        if (seen.has(mark)) return true;
        if (isLast) return false;
        await sleep(LOOK_MS);
      }
    },
    isHeard: (uuid) => seen.has(`said:${uuid}`) || hasSaid(archived, uuid),
    assertUntouched() {
      const now = readOwn(file, { uid, from: 0 })?.subarray(0, offset) ?? Buffer.alloc(0);
      if (createHash('sha256').update(now).digest('hex') !== hash.copy().digest('hex'))
        throw changed('was changed where it was archived already');
    },
    close: () => (closed ??= last.then(step)),
  };
}
