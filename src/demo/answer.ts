/** The approval of the demo: a person at the terminal may be quicker, else the demo says yes over REST. */
import type { Client } from '../api/contract/client.ts';
import { isTackError, TackError } from '../domain/errors.ts';

export interface Question {
  readonly approval_id: string;
  readonly digest: string;
}
export interface Answering {
  /** Speaks as a program does. */
  readonly api: Pick<Client, 'approvals'>;
  /** Speaks as a person at the terminal does. */
  readonly cli: Pick<Client, 'approvals'>;
  /** Null where nobody sits. */
  readonly keys: NodeJS.ReadStream | null;
  readonly patience_ms: number;
  readonly signal: AbortSignal;
  /** Ctrl-C arrives as a key while single keys are read. */
  readonly stop: () => void;
}

export type Said = 'allow_once' | 'deny';

/** Resolves when the question is answered, by whomever: that somebody else was quicker is no failure. */
export async function answer(question: Question, { api, cli, ...how }: Answering): Promise<Said> {
  const key = how.keys ? await keyPressed(how.keys, how) : await quiet(how);
  const decision: Said = key === 'n' ? 'deny' : 'allow_once';
  const body = { digest: question.digest, decision, ...(key === 'n' && { message: 'Not today.' }) };
  try {
    await (key === null ? api : cli).approvals.decide({ approval_id: question.approval_id, body });
  } catch (error) {
    if (!isTackError(error) || error.code !== 'approval_already_resolved') throw error;
  }
  return decision;
}

/** What a second answer hears: who was first. */
export async function answerAgain(question: Question, api: Pick<Client, 'approvals'>): Promise<string> {
  try {
    await api.approvals.decide({
      approval_id: question.approval_id,
      body: { digest: question.digest, decision: 'deny' },
    });
  } catch (error) {
    if (isTackError(error) && error.code === 'approval_already_resolved') return error.message;
    throw error;
  }
  throw new TackError('internal', `A second answer to ${question.approval_id} was taken.`);
}

type Waiting = Pick<Answering, 'patience_ms' | 'signal' | 'stop'>;

function quiet({ patience_ms, signal }: Waiting): Promise<null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), patience_ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), reject(stopped())), { once: true });
  });
}

/** `y` or `n`, or null when nobody pressed one in time. */
async function keyPressed(keys: NodeJS.ReadStream, waiting: Waiting): Promise<'y' | 'n' | null> {
  const pressed = Promise.withResolvers<'y' | 'n'>();
  const read = (chunk: Buffer) => {
    const key = chunk.toString().toLowerCase();
    if (key === '\u0003') waiting.stop();
    if (key === 'y' || key === 'n') pressed.resolve(key);
  };
  keys.setRawMode(true).on('data', read).resume();
  try {
    return await Promise.race([pressed.promise, quiet(waiting)]);
  } finally {
    keys.off('data', read).pause().setRawMode(false);
  }
}

const stopped = () => new TackError('interrupted', 'The demo was stopped.');
