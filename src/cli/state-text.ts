/** The room for an operator: sessions, what waits longest, leases, queues, and what is stuck with its reason. Pure. */
import type { RoomState } from '../api/contract/state.ts';
import { ageOf } from './age.ts';
import { inBytes } from './render/amounts.ts';
import type { DiskUse } from './disk.ts';
import { PARTS } from './disk.ts';
import type { Output } from './output.ts';
import { oneLine } from './render/printable.ts';
import { renderTable } from './table.ts';

export interface StateTextOptions {
  readonly colors: Output['colors'];
  readonly now_ms: number;
  readonly width: number | null;
}

export function stateText(state: RoomState, options: StateTextOptions): readonly string[] {
  const { colors, now_ms } = options;
  return [
    `sessions     ${countsOf(state.sessions)}`,
    ...waits(state, now_ms).map((words) => `waits        ${words}`),
    ...state.leases.map(
      ({ session_id, epoch, taken_at }) => `lease        ${session_id}, epoch ${epoch}, ${ageOf(taken_at, now_ms)}`,
    ),
    ...(state.queues === null
      ? ['queues       not known: the engine does not answer']
      : queueTable(state.queues, options)),
    ...state.stuck.flatMap(({ session_id, title, reason, detail, since }) => [
      `${colors.red('✗')} stuck: ${session_id} “${oneLine(title, 60)}”, ${reason} for ${ageOf(since, now_ms)}`,
      `    ${oneLine(detail, 400)}`,
    ]),
  ];
}

export function diskText(disk: DiskUse): string {
  const parts = PARTS.map((name) => `${name} ${disk[name] === null ? 'much' : inBytes(disk[name])}`);
  return `disk         ${parts.join(', ')}; free ${inBytes(disk.free)}`;
}

function countsOf(sessions: RoomState['sessions']): string {
  const all = Object.values(sessions).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(sessions).map(([status, count]) => `${count} ${status}`);
  return all === 0 ? 'none' : `${all}: ${parts.join(', ')}`;
}

function waits({ oldest_approval: approval, oldest_prompt: prompt }: RoomState, now_ms: number): readonly string[] {
  return [
    ...(approval
      ? [`${ageOf(approval.since, now_ms)} for a person: “${oneLine(approval.title, 60)}” (${approval.approval_id})`]
      : []),
    ...(prompt ? [`${ageOf(prompt.since, now_ms)} in a queue: a prompt of ${prompt.session_id}`] : []),
  ];
}

type Queue = NonNullable<RoomState['queues']>[number];

function queueTable(queues: readonly Queue[], { colors, width }: StateTextOptions): readonly string[] {
  return renderTable<Queue>(
    [
      { title: 'QUEUE', cell: ({ name }) => name },
      { title: 'BACKLOG', cell: ({ backlog }) => String(backlog) },
      { title: 'OLDEST', cell: ({ oldest_s }) => (oldest_s > 0 ? `${oldest_s}s` : '–') },
      {
        title: 'POLLERS',
        cell: ({ pollers }) => String(pollers),
        color: ({ pollers }) => (pollers === 0 ? colors.red : (text) => text),
      },
    ],
    queues,
    { width, dim: colors.dim },
  );
}
