/** Finds the binary of a harness on this machine, and its version. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Harness } from './contract.ts';

export interface FindOptions {
  readonly override: string | null;
  readonly name: string;
  readonly path: string;
  /** The variable that names another one; for the way out. */
  readonly variable: string;
  /** Finds the version in what `--version` says. */
  readonly version: RegExp;
}
type Found = Awaited<ReturnType<Harness['probe']>>;

const known = new Map<string, Found>();

/** A set but broken override is a problem, not a reason to look on. What was found is remembered for the life of the process. */
export async function findBinary({ override, name, path, variable, version }: FindOptions): Promise<Found> {
  const candidates =
    override === null
      ? path
          .split(delimiter)
          .filter(Boolean)
          .map((folder) => join(folder, name))
      : [override];
  const binary = candidates.find(isExecutable);
  if (binary === undefined) {
    const where = override === null ? `\`${name}\` is not on the PATH` : `${variable}=${override} cannot be executed`;
    return { found: false, problem: `${where}. Install it, or set ${variable} to the binary.` };
  }
  const before = known.get(binary);
  if (before?.found) return before;
  const answer = await versionOf(binary, { variable, version });
  known.set(binary, answer);
  return answer;
}

async function versionOf(
  binary: string,
  { variable, version }: Pick<FindOptions, 'variable' | 'version'>,
): Promise<Found> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 });
    const found = version.exec(stdout)?.[1];
    if (found) return { found: true, version: found, path: binary };
    return {
      found: false,
      problem: `${binary} says "${stdout.trim().slice(0, 100)}" as its version. Set ${variable} to another binary.`,
    };
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    const words = (stderr?.trim() || message).split('\n')[0] ?? '';
    return {
      found: false,
      problem: `${binary} does not run: ${words}. Mend it, or set ${variable} to another binary.`,
    };
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // looked for elsewhere
  }
}
