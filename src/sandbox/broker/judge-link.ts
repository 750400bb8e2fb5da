/** The broker's end of `judge.sock`: may this leave, and what did it cost. Nobody there, or no clear answer: it does not leave. */
import { Agent } from 'node:http';
import { askSocket, type Asking, type Said } from '../../ask-socket.ts';
import { TackError } from '../../domain/errors.ts';
import { JudgeAnswer, type JudgeRequest, type UsageReport } from '../../domain/wires/judge.ts';

export interface JudgeLink {
  /** Throws `store_stale_epoch` (the attempt is over) or `broker_unavailable` (nobody judges). */
  judge(question: JudgeRequest): Promise<JudgeAnswer>;
  /** Resolves when the worker has it in the log, or says that the attempt is over. Tries until then, or until `end`. */
  report(usage: UsageReport): Promise<'recorded' | 'over' | 'given_up'>;
  end(): void;
}

const PATIENCE_MS = 10_000;
const RETRY_MS = [20, 100, 500, 2_000] as const;

export function linkJudge(socket: string): JudgeLink {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 8 });
  const ended = new AbortController();
  const ask = (path: string, body: unknown) =>
    askTwice({ socket, agent, method: 'POST', path, body, within_ms: PATIENCE_MS });
  return {
    async judge(question) {
      try {
        const { status, text } = await ask('/judge', question);
        if (status === 200) return JudgeAnswer.parse(JSON.parse(text));
        if (status === 409) throw new TackError('store_stale_epoch', 'This attempt is over.');
        throw new Error(`the judge answered ${status}`);
      } catch (cause) {
        if (cause instanceof TackError) throw cause;
        throw new TackError('broker_unavailable', 'Nobody is there to judge the request.', { cause });
      }
    },
    async report(usage) {
      for (let tries = 0; !ended.signal.aborted; tries++) {
        const { status } = await ask('/usage', usage).catch(() => ({ status: 0 })); // a worker that restarts: again
        if (status === 200) return 'recorded';
        if (status === 409) return 'over';
        await pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0, ended.signal);
      }
      return 'given_up';
    },
    end() {
      ended.abort();
      agent.destroy();
    },
  };
}

/** A kept connection may be that of a worker that has died: the same is asked once more on a new one. */
async function askTwice(asking: Asking): Promise<Said> {
  try {
    return await askSocket(asking);
  } catch (error) {
    const { reused, code } = error as { readonly reused?: boolean; readonly code?: string };
    if (reused && (code === 'ECONNRESET' || code === 'EPIPE')) return askSocket(asking);
    throw error;
  }
}

function pause(ms: number, cut: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    cut.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
