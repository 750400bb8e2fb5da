/** One request to a role beside us: HTTP on its Unix socket. */
import { request, type Agent } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Asking {
  readonly socket: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Said as JSON; without one nothing is said. */
  readonly body?: unknown;
  /** How long it may be silent. */
  readonly within_ms: number;
  /** Keeps connections; without it Node's own. */
  readonly agent?: Agent;
}

export interface Said {
  readonly status: number;
  /** The body as it came: whoever asked knows whether it is JSON. */
  readonly text: string;
}

/** Rejects where nobody listens (`ENOENT`, `ECONNREFUSED`), after silence (`ETIMEDOUT`), and when the connection breaks; `reused` tells whether that was an old one. */
export function askSocket({ socket, method, path, body, within_ms, agent }: Asking): Promise<Said> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(
      { socketPath: socket, method, path, headers, timeout: within_ms, ...(agent && { agent }) },
      (response) =>
        void text(response).then((said) => resolve({ status: response.statusCode ?? 0, text: said }), reject),
    );
    sent.once('timeout', () =>
      sent.destroy(Object.assign(new Error(`no answer for ${within_ms} ms`), { code: 'ETIMEDOUT' })),
    );
    sent.once('error', (error) => reject(Object.assign(error, { reused: sent.reusedSocket })));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
