/** An action as matchers look at it: each part is worked out once, when the first matcher asks for it. */
import type { Action } from '../action/schema.ts';
import type { SandboxKind } from '../sandbox-kind.ts';
import { below, namesOf, placesOf, type Names } from './places.ts';
import { readScript, type ReadScript } from './shell/read-script.ts';

export interface Subject {
  readonly action: Action;
  /** Every path that it is about; null for kinds without. */
  readonly paths: () => readonly Located[] | null;
  /** Files of the worktree that a script names. It may touch others. */
  readonly named_files: () => readonly Located[];
  readonly script: () => ReadScript | null;
}

/** A path from the root, and from the worktree and the home where it is below them. */
export interface Located {
  readonly root: Names;
  readonly work: Names | null;
  readonly home: Names | null;
}

export function lookAt(action: Action, sandbox: SandboxKind): Subject {
  const located = (paths: readonly string[]): readonly Located[] => {
    const { work, home } = placesOf(action, sandbox);
    return paths.map((path) => {
      const root = namesOf(path, action.cwd);
      return { root, work: below(root, work), home: below(root, home) };
    });
  };
  return {
    action,
    paths: once(() => ('paths' in action ? located(action.paths) : null)),
    named_files: once(() => (action.kind === 'shell.exec' ? located(action.files.map(({ path }) => path)) : [])),
    script: once(() => (action.kind === 'shell.exec' ? readScript(action.script) : null)),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
