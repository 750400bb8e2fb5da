/** YAML that people write, as a value that remembers where each part stands. One document, no anchors, no tags: what is written is what is meant. */
import { isAlias, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml';

/** One thing to mend, and where. */
export interface Mistake {
  readonly line: number;
  readonly column: number;
  /** Such as `policies.rules[0].effect`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export interface ReadYaml {
  /** Undefined when the text cannot be understood at all. */
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  /** Where the value of a path stands, or its key; the nearest part around it when it is not there. */
  readonly placeOf: (path: readonly PropertyKey[], part: 'key' | 'value') => Place;
}
type Place = Pick<Mistake, 'line' | 'column'>;

const LENGTH_MAX = 1_000_000;

export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const unread = (message: string): ReadYaml => ({
    value: undefined,
    mistakes: [{ line: 1, column: 1, path: '', message }],
    placeOf: () => ({ line: 1, column: 1 }),
  });
  if (text.length > LENGTH_MAX) return unread(`longer than ${LENGTH_MAX} letters`);

  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const mistakes = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    ...placeAt(pos[0]),
    path: '',
    message: WORDS[code] ?? message,
  }));
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node) && node.anchor === undefined) return;
      mistakes.push({ ...placeAt(node.range?.[0] ?? 0), path: '', message: 'anchors and aliases are not allowed' });
    },
  });
  const is_broken = mistakes.length > 0 && !document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  return {
    value: is_broken || mistakes.length > document.errors.length ? undefined : document.toJS(),
    mistakes,
    placeOf: (path, part) => placeAt(offsetOf(document, path, part)),
  };
}

/** Of those that people meet most. */
const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands here twice',
  MULTIPLE_DOCS: 'a second document begins here: a file holds one',
  TAB_AS_INDENT: 'a tab indents this line: YAML wants spaces',
};

function offsetOf(document: Document, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let around: Node | null = document.contents;
  for (const [at, step] of path.entries()) {
    if (part === 'key' && at === path.length - 1 && isMap(around)) {
      const key = around.items.find((pair) => isScalar(pair.key) && pair.key.value === step)?.key;
      return isNode(key) ? (key.range?.[0] ?? 0) : (around.range?.[0] ?? 0);
    }
    const next: unknown = around && 'get' in around ? around.get(step, true) : undefined;
    if (!isNode(next)) break;
    around = next;
  }
  return around?.range?.[0] ?? 0;
}
