/** The surfaces that a person, or a program, answers from: each by the real thing. */
import type { DecisionWord, GrantPattern } from '../../src/domain/approval/schema.ts';
import type { Room } from './tackroom.ts';
import { until } from './until.ts';

/** As the log has them under `via`. */
export const SURFACES = ['api', 'cli', 'signal'] as const;
export type Surface = (typeof SURFACES)[number];

export interface GivenAnswer {
  readonly session_id: string;
  readonly id: string;
  readonly digest: string;
  readonly decision: Exclude<DecisionWord, 'answer'>;
  readonly message?: string;
  /** Of a longer allow; the command line takes the one that is shown. */
  readonly pattern?: GrantPattern;
}
export interface Heard {
  /** Null where nobody is told: a signal has no answer. */
  readonly won: boolean | null;
  /** What the one who answered was told. */
  readonly words: string;
}

/** Answers; resolves also when somebody else was quicker. Rejects when nothing could be reached. */
export async function answerBy(surface: Surface, room: Room, answer: GivenAnswer): Promise<Heard> {
  const { session_id, id, digest, decision, message, pattern } = answer;
  const said = { ...(message !== undefined && { message }), ...(pattern && { pattern }) };
  switch (surface) {
    case 'api': {
      const { status, body } = await room.api('POST', `/v1/approvals/${id}/decision`, { digest, decision, ...said });
      return heard(status === 200, JSON.stringify(body));
    }
    case 'cli': {
      const { code, stdout, stderr } = await room.tack(argvOf(answer));
      return heard(code === 0, stdout + stderr);
    }
    case 'signal': {
      const input = JSON.stringify({ approval_id: id, digest, decision, ...said });
      const words = await room.temporal(
        ...['workflow', 'signal', '--workflow-id', `session/${session_id}`],
        ...['--name', 'decide_approval', '--input', input],
      );
      return { won: null, words };
    }
  }
}

function argvOf({ id, decision, message }: GivenAnswer): readonly string[] {
  if (decision === 'allow_once') return ['approve', id];
  if (decision === 'allow_session' || decision === 'allow_always')
    return ['approve', id, decision === 'allow_session' ? '--session' : '--always', '--yes'];
  return ['deny', id, ...(decision === 'deny_and_stop' ? ['--stop'] : []), ...(message ? ['-m', message] : [])];
}

function heard(won: boolean, words: string): Heard {
  if (won || /approval_already_resolved|was answered \(/.test(words)) return { won, words };
  throw new Error(`It could not be answered: ${words}`);
}

/** Answers as somebody who does not give up while Tackroom is away. */
export const answerAtLast = (surface: Surface, room: Room, answer: GivenAnswer): Promise<Heard> =>
  until(`an answer by ${surface}`, () => answerBy(surface, room, answer).catch(() => undefined), 90_000);
