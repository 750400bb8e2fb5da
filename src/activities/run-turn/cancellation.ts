/** Why the engine ends an attempt: it says so once, and each reason wants something else. */
import type { Context } from '@temporalio/activity';
import type { TurnControl } from './turn-control.ts';

export function followCancellation(context: Context, control: TurnControl): void {
  const look = () => {
    const why = context.cancellationDetails;
    if (why?.timedOut || why?.notFound) return control.end({ kind: 'gone' }); // a newer attempt writes now
    if (why?.workerShutdown || why?.paused || why?.reset) return control.end({ kind: 'move' });
    control.end({ kind: 'stop' });
  };
  if (context.cancellationSignal.aborted) return look();
  context.cancellationSignal.addEventListener('abort', look, { once: true });
}
