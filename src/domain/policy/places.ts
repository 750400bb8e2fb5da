/** Where a session's files are, as its actions name them. */
import type { Action } from '../action/schema.ts';
import type { SandboxKind } from '../sandbox-kind.ts';

/** The names of an absolute path, `.` and `..` followed. */
export type Names = readonly string[];

export interface Places {
  readonly work: Names;
  readonly home: Names;
}

const WORK: Names = ['home', 'agent', 'work'];
const HOME: Names = ['home', 'agent'];

/**
 * In the sandbox they are the same for every session. Without one they are where the worker keeps them: the first
 * `sessions/<id>/work` on the way to where the shell stands, which may be below it. A shell that has left it is in no place.
 */
export function placesOf({ cwd }: Pick<Action, 'cwd'>, sandbox: SandboxKind): Places {
  if (sandbox === 'bubblewrap') return { work: WORK, home: HOME };
  const names = namesOf(cwd, '/');
  const at = names.findIndex(
    (name, n) => name === 'work' && names[n - 2] === 'sessions' && names[n - 1]?.startsWith('ses_'),
  );
  const session = at < 0 ? NOWHERE : names.slice(0, at);
  return { work: [...session, 'work'], home: [...session, 'home'] };
}

/** No path has such a name. */
const NOWHERE: Names = ['\0'];

export function namesOf(path: string, cwd: string): Names {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/'))
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  return names;
}

/** What is left of a path below a folder; null when it is not below. */
export function below(names: Names, folder: Names): Names | null {
  return folder.every((name, at) => names[at] === name) ? names.slice(folder.length) : null;
}
