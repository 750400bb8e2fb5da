/** One cell of the table: a session that asks, the surface that answers it, and what the world shows afterwards. */
import type { GrantPattern } from '../../../src/domain/approval/schema.ts';
import type { Rule } from '../../../src/domain/policy/schema.ts';
import { leaves, type ClaudeRoom, type PlayedSession } from '../../support/claude-room.ts';
import { processesOf } from '../../support/processes.ts';
import { isLong } from '../../support/rounds.ts';
import { answerBy, type GivenAnswer, type Heard, type Surface } from '../../support/surfaces.ts';
import { until } from '../../support/until.ts';

/** `held`: the harness waits. `suspended`: past the grace, no process is left. `restarted`: every role was killed while it was held. `moved`: suspended, everything stopped, the data folder put elsewhere. */
export const STATES = ['held', 'suspended', 'restarted', 'moved'] as const;
export type State = (typeof STATES)[number];

export interface Case {
  /** As the table names it. */
  readonly part: string;
  /** What the model does after its first, ordinary call. `gate` is a name that no other cell has. */
  readonly steps: (gate: string) => readonly unknown[];
  /** What is asked about. */
  readonly rules: readonly Rule[];
  /** Without an answer its questions expire: it gets its place at the end of the queue. */
  readonly expires?: boolean;
  /** Seconds until its turn is suspended: all of its questions are to be asked by then. */
  readonly grace_s?: number;
  /** In a repository: grants for a project need one. */
  readonly in_project?: boolean;
  /** What people do once its first question waits. */
  readonly act: (cell: Cell) => Promise<void>;
  /** What its calls have left behind in the end, after `ordinary`. */
  readonly effects: readonly string[];
  /** How many questions people were asked. */
  readonly questions: number;
  /** How its first turn ends; completed unless it says otherwise. */
  readonly end?: 'turn.cancelled';
  /** What a surface cannot do, and how it was done instead. */
  readonly instead?: Readonly<Partial<Record<Surface, string>>>;
}

export interface Question {
  readonly id: string;
  readonly digest: string;
}
export type Decision = Pick<GivenAnswer, 'decision' | 'message' | 'pattern'>;

export interface Cell {
  readonly here: ClaudeRoom;
  readonly surface: Surface;
  readonly state: State;
  readonly session: PlayedSession;
  /** Holds the step of the model that names it. */
  readonly gate: string;
  /** Where the session began, when it began in a repository. */
  readonly repository: string | null;
  /** The nth question about a call with these words. */
  question(words: string, nth?: number): Promise<Question>;
  /** By the surface of this cell. */
  answer(question: Question, decision: Decision): Promise<Heard>;
  /** Asks again about what expired, and allows it. */
  askAgain(expired: Question): Promise<void>;
  /** The code with which the surface refuses it. */
  refused(question: Question, decision: Decision): Promise<string>;
  /** What a longer allow would cover. */
  pattern(question: Question, decision: 'allow_session' | 'allow_always'): Promise<GrantPattern>;
}

export function cellOf(
  here: ClaudeRoom,
  { session, ...own }: Pick<Cell, 'surface' | 'state' | 'session' | 'gate' | 'repository'>,
): Cell {
  const { room } = here;
  const { surface } = own;
  const given = ({ id, digest }: Question, decision: Decision): GivenAnswer => ({
    session_id: session.id,
    id,
    digest,
    ...decision,
  });
  return {
    ...own,
    here,
    session,
    question: (words, nth = 1) =>
      until(
        `question ${nth} about ${words} of ${session.id}`,
        async () =>
          (await session.log())
            .filter(({ type, data }) => type === 'approval.requested' && data['again'] !== true)
            .map(({ data }) => data['approval'] as Question & { readonly title: string })
            .filter(({ title }) => title.includes(words))[nth - 1],
        PATIENCE_MS,
      ),
    answer: (question, decision) => atLast(() => answerBy(surface, room, given(question, decision))),
    async askAgain({ id, digest }) {
      if (surface === 'cli') {
        const { code, stderr } = await room.tack(['approve', id, '--again']);
        if (code !== 0) throw new Error(`tack approve --again ended with ${code}: ${stderr}`);
        return;
      }
      const client = room.client();
      const { approval_id } = await atLast(() => client.approvals.askAgain({ approval_id: id, body: {} }));
      await until('the new question', () => client.approvals.show({ approval_id }).catch(() => undefined), PATIENCE_MS);
      await atLast(() => answerBy(surface, room, given({ id: approval_id, digest }, { decision: 'allow_once' })));
    },
    async refused(question, decision) {
      if (surface === 'api') {
        const { id, digest } = question;
        return codeOf((await room.api('POST', `/v1/approvals/${id}/decision`, { digest, ...decision })).body);
      }
      if (surface === 'cli') {
        return codeOf(JSON.parse((await room.tack(['approve', question.id, '--json'])).stdout));
      }
      const before = (await session.log()).at(-1)?.seq ?? 0;
      await answerBy(surface, room, given(question, decision));
      const refusal = await until('the refusal of the signal', async () =>
        (await session.log()).find(({ type, seq }) => type === 'error.raised' && seq > before),
      );
      return String(refusal.data['code']);
    },
    async pattern({ id }, decision) {
      const { options } = await room.client().approvals.show({ approval_id: id });
      const pattern = options.find((option) => option.decision === decision)?.pattern;
      if (!pattern) throw new Error(`${id} cannot be answered with ${decision}.`);
      return pattern;
    },
  };
}

/** As somebody who says it again while the engine, just started, answers nobody in time. */
export const atLast = <T>(say: () => Promise<T>): Promise<NonNullable<T>> =>
  until(
    'an answer of the engine',
    () =>
      say().catch((error: unknown) => {
        if (/engine_unavailable|did not answer in time/.test(`${String(error)} ${(error as { code?: string }).code}`))
          return undefined;
        throw error;
      }),
    PATIENCE_MS,
  );

/** Eight rooms may share two cores. */
export const PATIENCE_MS = isLong ? 300_000 : 120_000;

export const ORDINARY = 'ordinary';
export const ordinarily = leaves(ORDINARY);

/** The end of its turn, within what a busy machine needs. */
export const endOf = ({ session }: Cell, turn_id = session.turn_id) =>
  until(
    `the end of ${turn_id}`,
    async () =>
      (await session.log()).find(
        ({ type, turn_id: of }) => of === turn_id && /^turn\.(completed|failed|cancelled)$/.test(type),
      ),
    PATIENCE_MS,
  );

export const noProcessOf = ({ session }: Pick<Cell, 'session'>) =>
  until(`no process of ${session.id}`, () => processesOf(session.id).length === 0, PATIENCE_MS);

const codeOf = (problem: unknown): string => String((problem as { readonly code?: unknown }).code);
