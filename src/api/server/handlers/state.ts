/** The room as an operator sees it. */
import type { Handlers } from '../handler.ts';
import type { ServerParts } from '../parts.ts';

export function stateHandlers({ oversight, roles }: ServerParts): Pick<Handlers, 'state'> {
  return {
    state: {
      async show() {
        const [seen, { leases, queues, stuck, ...state }] = await Promise.all([roles(), oversight.state()]);
        const itself = { role: 'server' as const, ok: true, detail: `pid ${process.pid}` };
        return {
          object: 'state',
          roles: [itself, ...seen],
          ...state,
          queues: queues && [...queues],
          leases: leases.map(({ session_id, epoch, host, taken_at }) => ({ session_id, epoch, host, taken_at })),
          stuck: [...stuck],
        };
      },
    },
  };
}
