/** The engine that runs elsewhere (TEMPORAL_ADDRESS): waited for, and never started or stopped by us. */
import { TackError } from '../domain/errors.ts';
import type { RoleStatus } from '../domain/wires/supervisor.ts';
import type { Child } from './child.ts';
import { engineReady, type EngineAddress } from './engine-ready.ts';

export function engineAway(engine: Omit<EngineAddress, 'is_own'>): Child {
  const given_up = new AbortController();
  const since = new Date().toISOString();
  let state: RoleStatus['state'] = 'starting';
  let detail: string = engine.address;
  const up = engineReady(
    { ...engine, is_own: false },
    { signal: given_up.signal, tried: (why) => (detail = `${engine.address}: ${why}`) },
  ).then(() => {
    state = 'away';
    detail = engine.address;
  });
  up.catch(() => undefined); // it ends by `stop` only; who waits for `up` has a deadline
  return {
    up,
    status: () => ({ role: 'engine', state, pid: null, restarts: 0, since, detail }),
    restart() {
      throw new TackError('request_invalid', `The engine runs elsewhere, at ${engine.address}.`);
    },
    async stop() {
      given_up.abort();
    },
  };
}
