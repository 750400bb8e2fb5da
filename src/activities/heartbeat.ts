/** Heartbeats by timer, from the first line of an activity on, whatever its harness does. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { DEFAULTS } from '../domain/defaults.ts';

export const heartbeats: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    async execute(input, next) {
      if (!context.info.heartbeatTimeoutMs) return next(input);
      const beat = () => context.heartbeat(context.info.heartbeatDetails); // without details it would erase those of the former attempt
      const timer = setInterval(beat, DEFAULTS.heartbeat_ms);
      try {
        beat();
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  },
});
