import type { SeenPaths } from '../contract.ts';

/**
 * What every command sees, and nothing of ours: PATH, a home, and an identity for git, whose configuration cannot be
 * written inside.
 */
export function baseEnvironment({ path, seen }: { path: string; seen: SeenPaths }): Readonly<Record<string, string>> {
  return {
    PATH: path,
    HOME: seen.home,
    USER: 'agent',
    LOGNAME: 'agent',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    TMPDIR: '/tmp',
    GIT_TERMINAL_PROMPT: '0',
    ...gitSettings(GIT_SETTINGS),
  };
}

/** Settings of git as the environment carries them: `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_n`, `GIT_CONFIG_VALUE_n`. */
export function gitSettings(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(settings).flatMap(([key, value], n) => [
    [`GIT_CONFIG_KEY_${n}`, key] as const,
    [`GIT_CONFIG_VALUE_${n}`, value] as const,
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length / 2), ...Object.fromEntries(entries) };
}

const GIT_SETTINGS = {
  'user.name': 'Tackroom agent',
  'user.email': 'agent@tackroom.invalid',
  'push.autoSetupRemote': 'true',
  'safe.directory': '*',
  'init.defaultBranch': 'main',
  'advice.detachedHead': 'false',
} as const;
