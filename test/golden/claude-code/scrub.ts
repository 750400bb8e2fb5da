/** Takes chance, time and this machine out of a recording, so that it reads the same whoever made it. Pure. */

/** Random names by their place in the recording. */
const NAMES = [
  {
    pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
    name: (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  },
  { pattern: /\bmsg_[0-9a-z]+\b/g, name: (n: number) => `msg_${n}` },
  { pattern: /(?<="(?:task_id|run_id|agent_id|backgroundTaskId)":")[0-9a-z-]+(?=")/g, name: (n: number) => `id${n}` },
] as const;

export function scrub(lines: readonly string[]): string {
  const text = lines.flatMap(kept).join('\n');
  return `${NAMES.reduce(
    (scrubbed, { pattern, name }) => {
      const names = new Map<string, string>();
      for (const [found] of scrubbed.matchAll(pattern)) if (!names.has(found)) names.set(found, name(names.size + 1));
      return [...names].reduce((all, [found, instead]) => all.replaceAll(found, instead), scrubbed);
    },
    text.replaceAll(/(toolu_q[0-9a-f]{8}s\d+n\d+x)[0-9a-z]+/g, '$1'),
  )}\n`;
}

/** The protocol's own answers hold the whole catalogue of commands, and are not translated. */
function kept(line: string): string[] {
  const message = JSON.parse(line) as Record<string, unknown>;
  if (message['type'] === 'control_response') return [];
  return [JSON.stringify(timeless(message))];
}

function timeless(value: unknown, key = ''): unknown {
  if (typeof value === 'number' && /_ms$|duration|cost|ttft|_time$|USD$/i.test(key)) return 0;
  if (key === 'timestamp') return '2026-01-01T00:00:00.000Z';
  if (/^(slash_commands|terminal_slash_commands|skills|plugins|agents|capabilities)$/.test(key)) return [];
  if (Array.isArray(value)) return value.map((item) => timeless(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, timeless(inner, name)]));
}
