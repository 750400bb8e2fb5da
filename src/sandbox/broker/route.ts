/** Which requests are for the model. Pure; the path that is matched is the path that is sent on. */
import { refusal, type Denial } from './denial.ts';

export interface Route {
  /** `hello` is answered here: clients ask for it to see whether somebody is there. */
  readonly kind: 'messages' | 'count_tokens' | 'models' | 'hello';
  readonly method: 'GET' | 'POST' | 'HEAD';
  /** With its query; begins with a slash. */
  readonly path: string;
}

export interface RequestLine {
  readonly method: string;
  readonly url: string;
  /** Name, value, name, value …, as received. */
  readonly raw_headers: readonly string[];
}

/** What a client inside is told to call the endpoint; any other name is an attempt to reach something else. */
const NAMES = new Set(['127.0.0.1:4010', 'localhost:4010', 'localhost', '127.0.0.1']);
/** Said twice they could be read in two ways. */
const ONCE = ['host', 'content-length', 'transfer-encoding', 'content-type', 'content-encoding'];
const QUERY = /^[A-Za-z0-9_.=&-]*$/;
const MODEL = /^\/v1\/models\/[A-Za-z0-9][A-Za-z0-9_.:@-]*$/;

export function routeOf({ method, url, raw_headers }: RequestLine): Route | Denial {
  const headers = namesAndValues(raw_headers);
  const twice = ONCE.find((name) => headers.filter(([other]) => other === name).length > 1);
  if (twice) return refusal('malformed-request', `The request says ${twice} more than once.`, { status: 400 });
  const said = Object.fromEntries(headers);
  if (!NAMES.has(said['host'] ?? ''))
    return refusal('model-endpoint-only', 'The request is for another host than the model endpoint.', { status: 421 });
  if ('upgrade' in said) return refusal('model-endpoint-only', 'Other protocols are not carried.');
  if ('content-encoding' in said && said['content-encoding'] !== 'identity')
    return refusal('readable-request', 'A compressed request cannot be judged. Send it plain.', { status: 415 });
  return known(method, url) ?? refusal('model-endpoint-only', 'This is not a request of the model API.');
}

function known(method: string, url: string): Route | undefined {
  const [path = '', query = '', ...rest] = url.split('?');
  if (rest.length > 0 || !QUERY.test(query)) return undefined;
  if (method === 'POST' && path === '/v1/messages') return { kind: 'messages', method, path: url };
  if (method === 'POST' && path === '/v1/messages/count_tokens') return { kind: 'count_tokens', method, path: url };
  if (method === 'GET' && (path === '/v1/models' || MODEL.test(path))) return { kind: 'models', method, path: url };
  if ((method === 'GET' || method === 'HEAD') && path === '/') return { kind: 'hello', method, path: '/' };
  return undefined;
}

const namesAndValues = (raw: readonly string[]): (readonly [string, string])[] =>
  raw.flatMap((name, n) => (n % 2 === 0 ? [[name.toLowerCase(), raw[n + 1] ?? ''] as const] : []));
