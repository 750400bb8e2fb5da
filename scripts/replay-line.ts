/** What the replay beside the tests came to, in lines; and whether the run is red for it. Pure. */
export interface Tally {
  readonly sessions: number;
  histories: number;
  /** Each with its event, what was recorded and what comes now. */
  readonly diverged: string[];
  /** Engines that did not answer: their tests had ended them. */
  readonly unread: string[];
}

export function linesOf(tally: Tally | null): { readonly lines: readonly string[]; readonly code: number } {
  if (!tally) return { lines: ['replay: it ended before it could say anything'], code: 1 };
  const { sessions, histories, diverged, unread } = tally;
  return {
    lines: [
      ...unread.map((one) => `replay: not asked: ${one}`),
      ...diverged.map((one) => `replay: DIVERGED at ${one}`),
      `replay: ${sessions} sessions, ${histories} histories, ${diverged.length} divergences`,
    ],
    code: diverged.length > 0 ? 1 : 0,
  };
}
