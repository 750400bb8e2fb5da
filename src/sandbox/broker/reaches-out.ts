/** The sandbox has no network, and the model's provider must not be one: parts of a request that make it fetch, search or call for the client. Pure. */

type Loose = Readonly<Record<string, unknown>>;

/** Tools that the client runs itself, or that search in the request's own tools. A type we do not know is run by the provider. */
const RUN_HERE = /^(custom|(bash|text_editor|computer|memory|tool_search_tool)(_.*)?)$/;

/** What of a Messages request would leave by way of the provider, in words; null: nothing. */
export function reachesOut(request: Loose): string | null {
  if (list(request['mcp_servers']).length > 0) return '`mcp_servers`';
  const tool = list(request['tools']).find(({ type }) => type !== undefined && type !== null && !runsHere(type));
  if (tool) return `tool \`${String(tool['type'])}\``;
  const blocks = [...list(request['system']), ...list(request['messages']).flatMap(blocksOf)];
  return blocks.some(isFetched) ? 'a source of type `url`' : null;
}

const runsHere = (type: unknown): boolean => typeof type === 'string' && RUN_HERE.test(type);
const isFetched = ({ source }: Loose): boolean =>
  typeof source === 'object' && source !== null && 'type' in source && source.type === 'url';

/** The content blocks of a message or a block, and those inside of them (results of tools, documents). */
function blocksOf(holder: Loose): readonly Loose[] {
  const source = holder['source'] as Loose | null | undefined;
  const inside = [...list(holder['content']), ...list(source?.['content'])];
  return inside.flatMap((block) => [block, ...blocksOf(block)]);
}

const list = (value: unknown): readonly Loose[] =>
  Array.isArray(value) ? value.filter((item): item is Loose => typeof item === 'object' && item !== null) : [];
