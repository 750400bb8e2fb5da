/** A scenario tag in a prompt: `[[name {json}]]`. Read by bracket matching, so that a tag may stand inside a string of another. */
export interface Tag {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** The tag as written: its hash tells the calls of one scenario from those of another. */
  readonly text: string;
}

/** The last tag of a text, or null. A tag with broken JSON is no tag. */
export function lastTag(text: string): Tag | null {
  for (let from = text.length; (from = text.lastIndexOf('[[', from - 1)) >= 0;) {
    const tag = tagAt(text, from);
    if (tag && !isInside(text, from)) return tag;
    if (from === 0) return null;
  }
  return null;
}

function tagAt(text: string, from: number): Tag | null {
  const head = /^\[\[([a-z]+)\s*/.exec(text.slice(from));
  if (!head) return null;
  const start = from + head[0].length;
  const end = text[start] === '{' ? endOfObject(text, start) : start;
  if (end === null || !text.slice(end).startsWith(']]')) return null;
  try {
    const args = end === start ? {} : (JSON.parse(text.slice(start, end)) as Record<string, unknown>);
    return { name: head[1] ?? '', args, text: text.slice(from, end + 2) };
  } catch {
    return null;
  }
}

/** Whether a tag that began earlier still goes on here. */
function isInside(text: string, at: number): boolean {
  for (let from = text.indexOf('[['); from >= 0 && from < at; from = text.indexOf('[[', from + 2)) {
    const tag = tagAt(text, from);
    if (tag && from + tag.text.length > at) return true;
  }
  return false;
}

function endOfObject(text: string, start: number): number | null {
  let depth = 0;
  let quoted = false;
  for (let i = start; i < text.length; i++) {
    const letter = text[i];
    if (quoted && letter === '\\') i++;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === '{') depth++;
    else if (!quoted && letter === '}' && --depth === 0) return i + 1;
  }
  return null;
}
