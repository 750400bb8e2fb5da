/** One request of the client: address, token, and what an answer that is no success says. */
import { TackError } from '../../domain/errors.ts';
import { errorOf, type Problem } from './problem.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:7717`. A function is asked before every request: a restarted server may have another port. */
  readonly base_url: string | (() => string);
  readonly token: string;
  readonly fetch?: typeof fetch;
  /** The surface that speaks, for `via`; the server takes `cli`, `web`, `tui` and `api`. */
  readonly via?: 'cli' | 'web' | 'tui' | 'api';
}

/** Sends one request; throws `server_unreachable` when nobody listens. */
export type Send = (
  path: string,
  init: {
    readonly method: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<Response>;

export function sender(options: ClientOptions): Send {
  const ask = options.fetch ?? fetch;
  return async (path, { headers, signal, ...init }) => {
    const base = typeof options.base_url === 'function' ? options.base_url() : options.base_url;
    try {
      return await ask(base.replace(/\/$/, '') + path, {
        ...init,
        ...(signal && { signal }),
        redirect: 'error',
        headers: { authorization: `Bearer ${options.token}`, 'tack-via': options.via ?? 'api', ...headers },
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new TackError('server_unreachable', `Nobody answers at ${base}.`, { cause });
    }
  };
}

/** The error that an answer says, also one that is not ours (a proxy's page). */
export async function refusalOf(response: Response): Promise<TackError> {
  const text = await response.text();
  try {
    return errorOf(JSON.parse(text) as Partial<Problem>, response.status);
  } catch {
    return errorOf({ detail: `The server answered ${response.status}: ${text.slice(0, 200)}` }, response.status);
  }
}
