/** The script of the `scripted` harness: YAML steps, checked before anything is played. */
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { TackError } from '../../domain/errors.ts';

const Tool = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell.exec'), script: z.string().min(1) }),
  z.strictObject({ kind: z.literal('file.read'), path: z.string().min(1) }),
  z.strictObject({ kind: z.literal('file.write'), path: z.string().min(1), content: z.string() }),
  z.strictObject({ kind: z.literal('net.request'), host: z.string().min(1), path: z.string().default('/') }),
  z.strictObject({ kind: z.literal('tool.other'), tool: z.string().min(1), input: z.unknown() }),
]);
export type Tool = z.infer<typeof Tool>;

export const Step = z.union([
  z.strictObject({
    say: z.string().describe('Words of the agent, streamed word by word.'),
    word_ms: z.number().min(0).max(10_000).default(0).describe('Time between two words.'),
  }),
  z.strictObject({ tool: Tool.describe('A call that is judged, and its effect when it is allowed.') }),
  z.strictObject({ ask: z.string().min(1).describe('A question to the person; the answer is said.') }),
  z.strictObject({ wait_s: z.number().min(0).max(86_400).describe('Seconds of nothing.') }),
  z.strictObject({ wait_for: z.string().min(1).describe('A file of the worktree that must appear.') }),
  z.strictObject({
    steer_point: z.literal(true).describe('Waits for a message that steers the turn, and repeats it.'),
  }),
  z.strictObject({ usage: z.strictObject({ input: z.number().int().min(0), output: z.number().int().min(0) }) }),
  z.strictObject({ fail: z.string().min(1).describe('The turn fails with these words.') }),
  z.strictObject({ crash: z.number().int().min(1).max(255).describe('The process ends with this code, once.') }),
]);
export type Step = z.infer<typeof Step>;

/** A list of steps that every turn plays, or one list a turn; turns beyond the last one play the last. */
const Script = z.union([z.array(Step).min(1), z.strictObject({ turns: z.array(z.array(Step).min(1)).min(1) })]);

/** The steps of the n-th turn (from 0). Throws `spec_invalid` with line and column within the script. */
export function stepsOf(script: string, turn: number): readonly Step[] {
  const lines = new LineCounter();
  const document = parseDocument(script, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) throw invalid(lines.linePos(broken.pos[0]), broken.message.split('\n')[0] ?? 'no YAML');
  const parsed = Script.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = deepest(parsed.error.issues);
    throw invalid(
      lines.linePos(startOf(document, issue.path)),
      `${issue.path.join('.') || 'script'}: ${issue.message}`,
    );
  }
  const turns = Array.isArray(parsed.data) ? [parsed.data] : parsed.data.turns;
  return turns[Math.min(turn, turns.length - 1)] ?? [];
}

/** Of what is missing: where it is missing. */
function startOf(document: Document, path: readonly PropertyKey[]): number {
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0] ?? (path.length > 0 ? startOf(document, path.slice(0, -1)) : 0);
}

interface Issue {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** Of the branches of a union the one that got furthest is what was meant. */
function deepest(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): Issue {
  const all = issues.flatMap((issue): Issue[] => {
    const path = [...above, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return issue.errors.map((branch) => deepest(branch, path));
    return [{ path, message: issue.message }];
  });
  return all.reduce((best, issue) => (issue.path.length > best.path.length ? issue : best));
}

function invalid({ line, col }: { readonly line: number; readonly col: number }, what: string): TackError {
  return new TackError('spec_invalid', `script:${line}:${col}: ${what}`);
}
