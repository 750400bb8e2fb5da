/** Programs that a repository's own settings would start on its files: switched off, because the folder may have come from anywhere. */
import { tryGit } from './run.ts';

export interface OwnPrograms {
  /** Settings for each git call that reads or writes files. */
  readonly config: Readonly<Record<string, string>>;
  /** What the person should know of it. */
  readonly notes: readonly string[];
}

/** As `git lfs install` writes it; the person has the program, whatever a repository says of it. Source: git-lfs-install(1). */
const LARGE_FILES = {
  'filter.lfs.required': 'true',
  'filter.lfs.clean': 'git-lfs clean -- %f',
  'filter.lfs.smudge': 'git-lfs smudge -- %f',
  'filter.lfs.process': 'git-lfs filter-process',
} as const;
const NO_FILTER = { required: 'false', clean: '', smudge: '', process: '' } as const;
/** What git does where no driver is named. */
const OWN_MERGE = 'git merge-file -q %A %O %B';

/** The person's settings for all their repositories stay; those of this one are asked for, which starts nothing. */
export async function ownPrograms(cwd: string): Promise<OwnPrograms> {
  const names = await namesOf(cwd);
  const filters = new Set(names.flatMap((name) => /^filter\.(.+)\.(clean|smudge|process)$/s.exec(name)?.[1] ?? []));
  const drivers = new Set(names.flatMap((name) => /^merge\.(.+)\.driver$/s.exec(name)?.[1] ?? []));
  filters.delete('lfs');
  return {
    config: {
      ...Object.fromEntries([...filters].flatMap(off)),
      ...Object.fromEntries([...drivers].map((name) => [`merge.${name}.driver`, OWN_MERGE])),
      ...((await hasLargeFiles(cwd)) ? LARGE_FILES : Object.fromEntries(off('lfs'))),
    },
    notes: [...filters].map(
      (name) => `The filter "${name}" of this repository's settings is not run: its files are taken as they lie there.`,
    ),
  };
}

const off = (name: string): readonly (readonly [string, string])[] =>
  Object.entries(NO_FILTER).map(([key, value]) => [`filter.${name}.${key}`, value]);

/** Names of settings that were written for this repository alone, files that it includes among them. */
async function namesOf(cwd: string): Promise<readonly string[]> {
  const { stdout } = await tryGit({
    cwd,
    args: ['config', '--null', '--show-scope', '--name-only', '--get-regexp', '^(filter|merge)[.]'],
  });
  const words = stdout.split('\0');
  return words.filter((_, n) => n % 2 === 1 && /^(local|worktree)$/.test(words[n - 1] ?? ''));
}

/** Without the LFS program its files are taken as they lie there. */
async function hasLargeFiles(cwd: string): Promise<boolean> {
  const config = { 'alias.lfs': '!false' }; // without the program a repository could give the word a meaning
  return (await tryGit({ cwd, config, args: ['lfs', 'version'] })).code === 0;
}
