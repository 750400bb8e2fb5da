/** The view of a session: each thing heard becomes pieces of output. Pure: the same story gives the same screen. */
import type { Followed } from '../../api/contract/event-stream.ts';
import type { Envelope } from '../../domain/events/envelope.ts';
import type { EventType } from '../../domain/events/vocabulary.ts';
import * as approval from './approval.ts';
import * as call from './call.ts';
import { talk, type Look, type Rendered } from './look.ts';
import { oneLine } from './printable.ts';
import { by, text } from './read.ts';
import * as session from './session.ts';
import type { RenderState } from './state.ts';
import * as turn from './turn.ts';
import * as words from './words.ts';

type Render = (event: Envelope, state: RenderState, look: Look) => Rendered;

export function render(heard: Followed, state: RenderState, look: Look): Rendered {
  switch (heard.kind) {
    case 'frame':
      return words.streamed(heard.frame, state);
    case 'connection':
      return connection(heard, state, look);
    case 'event':
      return renderEvent(heard.event, state, look);
  }
}

/** A type of a newer server is told by its name. */
export const renderEvent: Render = (event, state, look) =>
  (EVENTS[event.type] ?? line(({ type }, { colors }) => colors.dim(`  ${oneLine(type, 60)}`)))(event, state, look);

/** An event that is one line, or none. */
const line =
  (write: (event: Envelope, look: Look) => string): Render =>
  (event, state, look) => ({ state, pieces: talk(write(event, look)) });
const silent: Render = (_event, state) => ({ state, pieces: [] });

const EVENTS: Readonly<Record<EventType, Render>> = {
  'session.created': session.created,
  'session.updated': session.updated,
  'session.status_changed': silent,
  'session.placed': session.placed,
  'session.closed': session.ended,
  'user.message': turn.heard,
  'user.interrupt': line((event, { colors }) => colors.yellow(`■ Stop asked ${by(event)}`)),
  'queue.updated': session.queued,
  'turn.started': turn.started,
  'turn.suspended': turn.suspended,
  'turn.resumed': turn.resumed,
  'turn.completed': turn.completed,
  'turn.failed': turn.failed,
  'turn.cancelled': turn.cancelled,
  'agent.message': words.message,
  'agent.thinking': words.thinking,
  'agent.tool_use': call.toolUse,
  'agent.tool_result': call.toolResult,
  'plan.updated': session.planned,
  'file.changed': silent,
  'checkpoint.created': silent,
  'policy.evaluated': call.evaluated,
  'action.observed': silent,
  'sandbox.denied': line(({ data }, { colors }) =>
    colors.yellow(`! The sandbox stopped ${oneLine(text(data, 'target') || text(data, 'kind'), 200)}`),
  ),
  'approval.requested': approval.requested,
  'approval.extended': line(({ data }, { colors }) =>
    colors.dim(
      `  more time to answer, until ${oneLine(text(data, 'expires_at'), 40)}: ${oneLine(text(data, 'reason'), 100)}`,
    ),
  ),
  'approval.resolved': approval.resolved,
  'grant.created': silent,
  'grant.used': approval.grantUsed,
  'grant.revoked': line(({ data }, { colors }) =>
    colors.dim(`  what was agreed is taken back (${oneLine(text(data, 'grant_id'), 40)})`),
  ),
  'gate.bypassed': line(
    ({ data }, { colors }) =>
      colors.inverse(colors.red(` A CALL RAN WITHOUT AN ALLOW `)) + colors.red(` ${oneLine(text(data, 'what'), 300)}`),
  ),
  'harness.warned': line(({ data }, { colors }) =>
    colors.yellow(`! ${oneLine(text(data, 'text') || text(data, 'code'), 300)}`),
  ),
  'work.applied': line((event, { colors }) => colors.green(`✓ The work was applied ${by(event)}`)),
  'work.discarded': line((event, { colors }) => colors.yellow(`– The work was discarded ${by(event)}`)),
  'usage.recorded': turn.used,
  'error.raised': line(({ data }, { colors }) =>
    colors.red(`✗ ${oneLine(`${text(data, 'message')} (${text(data, 'code')})`, 300)}`),
  ),
};

/** Said once, however many tries it takes. */
function connection(heard: Extract<Followed, { kind: 'connection' }>, state: RenderState, { colors }: Look): Rendered {
  const isLost = heard.state === 'lost';
  if (isLost === state.is_lost) return { state, pieces: [] };
  const told = isLost
    ? colors.yellow('… reconnecting: nothing is lost, the session runs on')
    : colors.dim('… connected again');
  const unsure = isLost ? Object.keys(state.said) : state.unsure;
  return { state: { ...state, unsure, is_lost: isLost }, pieces: talk(told) };
}
