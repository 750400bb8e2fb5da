/** Where a request has mistakes, in words that point at the field: `body.content[0].text`. */
import type { Problem } from '../contract/problem.ts';

interface Issue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The branches of a union, each with its own issues. */
  readonly errors?: readonly (readonly Issue[])[];
}

const CONTEXTS: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' };

/** All mistakes, each with its place. */
export function placesOf(context: string | undefined, issues: readonly unknown[]): Problem['errors'] {
  const root = CONTEXTS[context ?? ''] ?? context ?? 'request';
  return (issues as readonly Issue[])
    .flatMap((issue) => flat(issue))
    .map(({ path, message }) => ({ place: spell(root, path), message }));
}

/** A union says only "invalid": what the closest branch says is what a person can mend. */
function flat(issue: Issue): readonly Issue[] {
  const branches = issue.errors ?? [];
  if (issue.code !== 'invalid_union' || branches.length === 0) return [issue];
  const deepest = (branch: readonly Issue[]): number => Math.max(...branch.map(({ path }) => path.length));
  const [closest = []] = branches.toSorted((a, b) => deepest(b) - deepest(a));
  if (deepest(closest) === 0)
    return [
      {
        ...issue,
        message: branches
          .flat()
          .map(({ message }) => message)
          .join(', or '),
      },
    ];
  return closest.flatMap((inner) => flat({ ...inner, path: [...issue.path, ...inner.path] }));
}

const spell = (root: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((place, key) => (typeof key === 'number' ? `${place}[${key}]` : `${place}.${String(key)}`), root);
