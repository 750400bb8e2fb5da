/** The roles of a group for people: what each does, since when, how often it was started again. Pure. */
import type { GroupStatus, RoleStatus } from '../domain/wires/supervisor.ts';
import { ageOf } from './age.ts';
import { inBytes } from './render/amounts.ts';
import type { Output } from './output.ts';
import { renderTable, type Column } from './table.ts';

/** Where the server listens; null while it does not. */
export const urlOf = ({ port }: Pick<GroupStatus, 'port'>): string | null =>
  port === null ? null : `http://127.0.0.1:${port}`;

export interface RoleLine extends RoleStatus {
  readonly rss_bytes: number | null;
}

export interface RoleTableOptions {
  readonly colors: Output['colors'];
  readonly now_ms: number;
  readonly width: number | null;
}

export function roleTable(roles: readonly RoleLine[], { colors, now_ms, width }: RoleTableOptions): readonly string[] {
  const colorOf: Readonly<Record<RoleStatus['state'], (text: string) => string>> = {
    ready: colors.green,
    away: colors.green,
    starting: colors.yellow,
    restarting: colors.red,
    stopped: colors.red,
  };
  const columns: readonly Column<RoleLine>[] = [
    { title: 'ROLE', cell: ({ role }) => role },
    { title: 'STATE', cell: ({ state }) => state, color: ({ state }) => colorOf[state] },
    { title: 'PID', cell: ({ pid }) => String(pid ?? '–') },
    { title: 'RESTARTS', cell: ({ restarts }) => String(restarts) },
    { title: 'SINCE', cell: ({ since }) => ageOf(since, now_ms) },
    { title: 'MEMORY', cell: ({ rss_bytes }) => (rss_bytes === null ? '–' : inBytes(rss_bytes)), rank: 2 },
    { title: '', cell: ({ detail }) => detail.replaceAll(/\s+/g, ' '), narrowest: 10, rank: 1 },
  ];
  return renderTable(columns, roles, { width, dim: colors.dim });
}
