/** The status of a session in words and colour; the colour is never the only sign. */
import type { Status } from '../domain/session/status.ts';
import type { Output } from './output.ts';

const LABELS = {
  starting: 'Starting',
  running: 'Working',
  requires_action: 'Needs you',
  idle: 'Idle',
  paused: 'Paused',
  closed: 'Closed',
} as const satisfies Readonly<Record<Status['status'], string>>;
type Known = keyof typeof LABELS;

/** Reasons that a status says already. */
const PLAIN = new Set(['new', 'turn', 'end_turn', 'approval', 'user']);

interface Labelled {
  readonly status: string;
  readonly reason: string;
  readonly stuck?: { readonly reason: string } | null;
}

/** Such as `Idle: turn failed`. An unknown status or reason is shown as text. */
export function statusLabel({ status, reason, stuck }: Labelled): string {
  if (stuck) return `Stuck: ${stuck.reason.replaceAll('_', ' ')}`;
  const label = LABELS[status as Known] ?? status;
  return PLAIN.has(reason) ? label : `${label}: ${reason.replaceAll('_', ' ')}`;
}

export function statusColor(status: string, { colors }: Pick<Output, 'colors'>): (text: string) => string {
  const by: Readonly<Record<Known, (text: string) => string>> = {
    starting: colors.cyan,
    running: colors.cyan,
    requires_action: (text) => colors.bold(colors.yellow(text)),
    idle: colors.green,
    paused: colors.yellow,
    closed: colors.dim,
  };
  return by[status as Known] ?? ((text) => text);
}
