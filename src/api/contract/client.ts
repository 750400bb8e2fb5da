/** The typed client of the API, for the CLI, the web and the demo. */
import type { CallOptions, Methods } from './client-type.ts';
import { followEvents, type Followed, type FollowOptions } from './event-stream.ts';
import { pathOf, type Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { refusalOf, sender, type ClientOptions, type Send } from './sender.ts';

export type { ClientOptions } from './sender.ts';

export interface Client extends Methods {
  /** Follows a session's log, live: reconnects by itself, without gap or double, until aborted or refused. */
  events(session_id: string, options?: FollowOptions): AsyncIterable<Followed>;
}

/** Makes a client. A refusal is thrown as TackError with the code of the problem. */
export function createClient(options: ClientOptions): Client {
  const send = sender(options);
  const groups = Object.entries(ROUTES).map(([group, rows]) => [
    group,
    Object.fromEntries(
      Object.entries(rows as Record<string, Route>).flatMap(([name, row]) =>
        row.form === 'json' ? [[name, call(row, send)]] : [],
      ),
    ),
  ]);
  return {
    ...(Object.fromEntries(groups) as unknown as Methods),
    events: (session_id, follow = {}) => followEvents(send, pathOf(ROUTES.sessions.stream, { session_id }), follow),
  };
}

function call(row: Route, send: Send) {
  return async (input: Readonly<Record<string, unknown>> = {}, options: CallOptions = {}): Promise<unknown> => {
    const response = await send(pathOf(row, input) + queryOf(row, input), {
      method: row.method,
      headers: {
        accept: 'application/json',
        ...(row.body && { 'content-type': 'application/json' }),
        ...(row.method === 'POST' && { 'idempotency-key': options.idempotency_key ?? crypto.randomUUID() }),
      },
      ...(row.body && { body: JSON.stringify(input['body'] ?? {}) }),
      ...(options.signal && { signal: options.signal }),
    });
    if (!response.ok) throw await refusalOf(response);
    return response.json();
  };
}

function queryOf(row: Route, input: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(row.query?.shape ?? {}).filter((name) => input[name] !== undefined);
  return names.length === 0
    ? ''
    : `?${new URLSearchParams(names.map((name): [string, string] => [name, String(input[name])]))}`;
}
