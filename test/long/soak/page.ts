/** The soak's part of docs/reliability.md. Pure. */
import { table } from '../../../scripts/docs/markdown.ts';
import type { Soak } from './soak.ts';

const BEGIN = '<!-- made by test:long: soak -->';
const END = '<!-- end: soak -->';

export type Kept = Soak & { readonly when: string; readonly machine: string };

export function pageOf(page: string, soak: Kept): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/reliability.md has no part ${BEGIN} … ${END}.`);
  return `${before}${BEGIN}\n\n${partOf(soak)}\n${END}${after}`;
}

function partOf({
  when,
  machine,
  minutes,
  seed,
  stories,
  sessions,
  turns,
  cut_off,
  kills,
  slopes,
  left,
  faults,
  replayed,
}: Kept): string {
  const counted = Object.entries(stories).map(([name, n]) => `${n} × ${name}`);
  const killed = [...Map.groupBy(kills, ({ victim }) => victim)].map(([victim, all]) => `${all.length} × ${victim}`);
  const worst = [...Map.groupBy(slopes, ({ what, role }) => `${role}: ${what.replace(/over \d+ lives /, '')}`)].map(
    ([name, all]) => {
      const most = all.reduce((a, b) => (b.per_hour > a.per_hour ? b : a));
      return [
        name,
        `${all.length}`,
        `${most.first} → ${most.last}`,
        `${most.per_hour}`,
        `${most.limit}`,
        all.every(({ is_flat }) => is_flat) ? 'yes' : '**no**',
      ];
    },
  );
  return `${when.slice(0, 10)}, ${machine}. ${minutes} minutes, seed ${seed}: ${sessions} sessions came and went (${counted.join(', ')}) with ${turns} accepted turns, ${kills.length} kills (${killed.join(', ')}). Broken promises: **${faults.length}**. Left after \`tack down\`: **${left.length}**. Calls that have no result, because they were interrupted or a kill cut them off: ${cut_off}. \`tack replay --all\` at the end: ${replayed}

![The soak: memory, descriptors, processes, temporary files, data folder](results/soak.svg)

${table(['What', 'lines', 'steepest: from → to', 'by the hour', 'limit', 'flat'], worst)}
`;
}
