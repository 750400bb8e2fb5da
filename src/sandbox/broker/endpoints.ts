/** The endpoints of this host, by session. A newer attempt replaces an older one with all its connections; an older one is refused. */
import { basename } from 'node:path';
import { TackError } from '../../domain/errors.ts';
import type { EndpointAnswer, PutEndpoint } from '../../domain/wires/broker.ts';
import { openEndpoint, targetOf, type Endpoint, type EndpointParts } from './endpoint.ts';

export interface Endpoints {
  /** Throws `credential_missing`, `store_stale_epoch`, `request_invalid`. */
  put(session_id: string, put: PutEndpoint): Promise<EndpointAnswer>;
  remove(session_id: string): Promise<void>;
  count(): number;
  /** The folders stay: the sandboxes that have them bound see the next broker. */
  end(): Promise<void>;
}

export function createEndpoints(parts: EndpointParts): Endpoints {
  const open = new Map<string, Endpoint>();
  const queues = new Map<string, Promise<unknown>>();

  /** One thing at a time for each session. */
  function inTurn<T>(session_id: string, what: () => Promise<T>): Promise<T> {
    const next = (queues.get(session_id) ?? Promise.resolve()).then(what, what);
    queues.set(session_id, next);
    const forget = () => void (queues.get(session_id) === next && queues.delete(session_id));
    next.then(forget, forget);
    return next;
  }

  async function take(session_id: string, put: PutEndpoint): Promise<EndpointAnswer> {
    check(put);
    targetOf(put, parts.credentials);
    const before = open.get(session_id);
    if (before && before.epoch > put.epoch)
      throw new TackError('store_stale_epoch', `Attempt ${before.epoch} of this session is here already.`);
    if (before?.epoch === put.epoch) {
      before.announce(put);
      return { dir: before.dir };
    }
    open.delete(session_id);
    await before?.close('remove');
    const endpoint = await openEndpoint(parts, session_id, put);
    open.set(session_id, endpoint);
    parts.log.info({ session_id, epoch: put.epoch }, 'endpoint.opened');
    return { dir: endpoint.dir };
  }

  return {
    put: (session_id, put) => inTurn(session_id, () => take(session_id, put)),
    remove: (session_id) =>
      inTurn(session_id, async () => {
        const endpoint = open.get(session_id);
        open.delete(session_id);
        await endpoint?.close('remove');
        if (endpoint) parts.log.info({ session_id, epoch: endpoint.epoch }, 'endpoint.closed');
      }),
    count: () => open.size,
    end: async () => void (await Promise.all([...open.values()].map((endpoint) => endpoint.close('keep')))),
  };
}

function check({ upstreams, judge }: PutEndpoint): void {
  const [model, ...others] = upstreams;
  if (model?.name !== 'model' || others.length > 0)
    throw new TackError('request_invalid', 'This broker carries one upstream, `model`.');
  if (basename(judge) !== judge || judge.startsWith('.'))
    throw new TackError('request_invalid', `${judge} is not a socket of the run folder.`);
}
