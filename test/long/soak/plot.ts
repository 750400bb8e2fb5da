/** The soak as one picture: a panel for each thing that must be flat, kills as ticks below. Pure. */
import type { Killed } from './kills.ts';
import { ROLES_SEEN, type Sample } from './slopes.ts';

const WIDTH = 960;
const LEFT = 56;
const RIGHT = 120;
const PANEL = 120;
const GAP = 34;
const COLORS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#0891b2'] as const;

interface Curve {
  readonly name: string;
  /** NaN: nothing was there; the curve breaks. */
  readonly points: readonly { readonly t_s: number; readonly value: number; readonly life: number }[];
}
interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

export function plotOf(samples: readonly Sample[], kills: readonly Killed[]): string {
  const end = Math.max(60, samples.at(-1)?.t_s ?? 60);
  const x = (t_s: number) => LEFT + ((WIDTH - LEFT - RIGHT) * t_s) / end;
  const panels = panelsOf(samples);
  const height = 30 + panels.length * (PANEL + GAP) + 50;
  const drawn = panels.map((panel, n) => panelSvg(panel, 30 + n * (PANEL + GAP), { x, end }));
  const base = 30 + panels.length * (PANEL + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#ffffff"/>
${drawn.join('\n')}
${ticksSvg(kills, base, x)}
</svg>
`;
}

function panelsOf(samples: readonly Sample[]): readonly Panel[] {
  const roles = (title: string, pick: (seen: Sample['roles'][string]) => number): Panel => ({
    title,
    curves: ROLES_SEEN.map((name) => ({
      name,
      points: samples.flatMap(({ t_s, roles: seen }) => {
        const one = seen[name];
        return one ? [{ t_s, value: pick(one), life: one.pid }] : [];
      }),
    })),
  });
  const all = (name: string, pick: (sample: Sample) => number | undefined): Curve => ({
    name,
    points: samples.flatMap((sample) => {
      const value = pick(sample);
      return value === undefined ? [] : [{ t_s: sample.t_s, value, life: 0 }];
    }),
  });
  const mb = (name: string) => (sample: Sample) =>
    sample.sizes ? (sample.sizes[`${name}_kb`] ?? 0) / 1024 : undefined;
  return [
    roles('memory of each role (RSS, MB)', ({ rss_mb }) => rss_mb),
    roles('descriptors of each role', ({ fds }) => fds),
    {
      title: 'processes',
      curves: [
        all('group', ({ group }) => group),
        all('in sandboxes', ({ sandboxed }) => sandboxed),
        all('left behind', ({ strays }) => strays.length),
        all('zombies', ({ zombies }) => zombies),
      ],
    },
    {
      title: 'temporary files, sockets, mounts',
      curves: [
        all('temporary', ({ temp }) => temp.length),
        all('sockets', ({ sockets }) => sockets),
        all('mounts', ({ mounts }) => mounts),
      ],
    },
    {
      title: 'data folder (MB): grows with what was done',
      curves: ['store', 'engine', 'blobs', 'sessions', 'projects', 'logs'].map((name) => all(name, mb(name))),
    },
    { title: 'sessions that came and went', curves: [all('ended', ({ done }) => done)] },
  ];
}

interface Scale {
  readonly x: (t_s: number) => number;
  readonly end: number;
}

function panelSvg({ title, curves }: Panel, top: number, { x, end }: Scale): string {
  const most = Math.max(1, ...curves.flatMap(({ points }) => points.map(({ value }) => value))) * 1.08;
  const y = (value: number) => top + PANEL - (PANEL * value) / most;
  const minutes = Math.ceil(end / 60);
  const step = Math.max(1, Math.round(minutes / 12));
  const grid = Array.from({ length: Math.floor(minutes / step) + 1 }, (_, n) => n * step).filter(
    (at) => at * 60 <= end,
  );
  return [
    `<text x="${LEFT}" y="${top - 6}" font-weight="bold">${title}</text>`,
    ...[0, 0.5, 1].map(
      (share) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(most * share).toFixed(1)}" y2="${y(most * share).toFixed(1)}" stroke="#e5e7eb"/>` +
        `<text x="${LEFT - 6}" y="${(y(most * share) + 4).toFixed(1)}" text-anchor="end" fill="#6b7280">${short(most * share)}</text>`,
    ),
    ...grid.map(
      (at) =>
        `<text x="${x(at * 60).toFixed(1)}" y="${top + PANEL + 13}" text-anchor="middle" fill="#6b7280">${at} min</text>`,
    ),
    ...curves.flatMap(({ name, points }, n) => {
      const color = COLORS[n % COLORS.length] ?? '#000000';
      const lives = [...Map.groupBy(points, ({ life }) => life).values()];
      return [
        ...lives.map(
          (own) =>
            `<polyline fill="none" stroke="${color}" stroke-width="1.3" points="${own.map(({ t_s, value }) => `${x(t_s).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"/>`,
        ),
        `<text x="${WIDTH - RIGHT + 10}" y="${top + 12 + n * 15}" fill="${color}">${name}</text>`,
      ];
    }),
  ].join('\n');
}

function ticksSvg(kills: readonly Killed[], top: number, x: (t_s: number) => number): string {
  const victims = [...new Set(kills.map(({ victim }) => victim))];
  return [
    `<text x="${LEFT}" y="${top - 6}" font-weight="bold">killed</text>`,
    ...kills.map(({ t_s, victim }) => {
      const color = COLORS[victims.indexOf(victim) % COLORS.length] ?? '#000000';
      return `<line x1="${x(t_s).toFixed(1)}" x2="${x(t_s).toFixed(1)}" y1="${top}" y2="${top + 14}" stroke="${color}" stroke-width="1.5"/>`;
    }),
    ...victims.map(
      (victim, n) =>
        `<text x="${LEFT + n * 120}" y="${top + 32}" fill="${COLORS[n % COLORS.length]}">${victim} (${kills.filter((one) => one.victim === victim).length})</text>`,
    ),
  ].join('\n');
}

const short = (value: number): string => (value >= 10 ? String(Math.round(value)) : value.toFixed(1));
