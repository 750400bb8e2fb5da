/**
 * What a script runs. The oracle is a real shell: each disguise is run by bash with a `git` of ours on the PATH that writes down
 * its words, so a row that never pushes would fail here.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, rule, shell } from './a-policy.ts';
import { DISGUISES, HARMLESS } from './scripts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tack-shell-'));
  program('git', GIT);
  program('sudo', 'while [ "${1#-}" != "$1" ]; do [ "$1" = -u ] && shift; shift; done; exec "$@"');
  writeFileSync(join(folder, 'script.sh'), 'git push\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** Finds its command behind its own options, and follows an alias, as git does. */
const GIT = `
while [ $# -gt 0 ]; do
  case $1 in
    -C | --git-dir | --work-tree) shift 2 ;;
    -c) case $2 in alias.*) alias=\${2#alias.} ;; esac; shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
[ "$1" = "\${alias%%=*}" ] && set -- "\${alias#*=}"
[ "$1" != push ] || echo push >>"$PUSHED"
`;

/** Whether a real shell pushes when it runs this. */
function pushes(script: string): boolean {
  const noted = join(folder, 'pushed');
  rmSync(noted, { force: true });
  spawnSync('bash', ['-c', script], {
    cwd: folder,
    env: { PATH: `${folder}:/usr/local/bin:/usr/bin:/bin`, PUSHED: noted, HOME: folder },
    timeout: 20_000,
  });
  return existsSync(noted);
}

const denyPush = {
  server: {
    rules: [rule({ on: 'shell.exec', commands: ['git push'], effect: 'deny' })],
    defaults: [{ on: '*' as const, effect: 'allow' as const }],
  },
};
const isDenied = (script: string): boolean => judge(denyPush, shell(script)).effect === 'deny';

describe('a rule about commands', () => {
  it.each(DISGUISES)('sees a push however it is written: %j', (script) => {
    expect(isDenied(script)).toBe(true);
  });
  it.each(DISGUISES)('and a real shell does push: %j', (script) => {
    expect(pushes(script)).toBe(true);
  });
  it.each(HARMLESS)('leaves alone what only looks like one: %j', (script) => {
    expect([isDenied(script), pushes(script)]).toEqual([false, false]);
  });
  it('does not see what a program does: the sandbox is the wall for that', () => {
    for (const script of ['./program', 'python3 -c \'import os; os.system("git push")\'']) {
      program('program', 'git push');
      expect([script, isDenied(script), pushes(script)]).toEqual([script, false, true]);
    }
  });
  it.each([
    ['git push --force', 'git push origin main --force', true],
    ['git push --force', 'git push --force-with-lease', false],
    ['git push --force', 'git push "$x"', true],
    ['git push --force', 'git push', false],
    ['rm -rf', 'rm -fr build', true],
    ['rm -rf', 'rm -r -f build', true],
    ['rm -rf', 'rm -rfv build', true],
    ['rm -rf', 'rm -r build', false],
    ['npm run deploy', 'npm --silent run deploy', true],
    ['npm run deploy', 'npm run build deploy', false],
    ['git', '/usr/bin/git log', true],
    ['git', 'git-lfs pull', true],
    ['git push', '/usr/lib/git-core/git-push origin', true],
    ['./deploy.sh', 'cd x && ./deploy.sh', true],
    ['sudo', 'echo $(sudo -n true)', true],
    ['git commit', 'git submodule foreach "git commit"', true],
    ['git commit', "git rebase -x 'git commit' main", true],
    ['git commit', 'git config --global alias.c commit', true],
  ] as const)('of the words %j judges %j: %s', (pattern, script, matches) => {
    const denies = { agent: { rules: [rule({ on: '*', commands: [pattern], effect: 'deny' })] } };
    expect(judge(denies, shell(script)).effect).toBe(matches ? 'deny' : 'ask');
  });
  it.each(['if true; then', 'echo "', '((', 'echo $(ls', 'f() {', 'ls )', "sh -c 'echo \"'"])(
    'holds for what is no script: %j',
    (script) => {
      expect(isDenied(script)).toBe(true);
    },
  );
  it('holds for what is hidden too deep or too wide to be read, and is told so soon', () => {
    const quoted = Array.from({ length: 12 }).reduce<string>((inner) => `sh -c ${JSON.stringify(inner)}`, 'ls');
    for (const script of [
      'sudo -Q '.repeat(40) + 'ls',
      'sudo '.repeat(2_000) + 'ls',
      'echo a b\n'.repeat(30_000),
      quoted,
      '$('.repeat(400) + 'ls' + ')'.repeat(400),
    ])
      expect(isDenied(script)).toBe(true);
  });
});

describe('an allow of commands', () => {
  const allows = {
    agent: { rules: [rule({ on: 'shell.exec', commands: ['make', 'git status', 'npm run'], effect: 'allow' })] },
  };
  const isAllowed = (script: string, env = {}): boolean => judge(allows, shell(script, { env })).effect === 'allow';
  it.each([
    'make',
    'make -j4 test',
    'git status --short | make',
    'make && git status; npm run build',
    'if make; then git status; fi',
    'make "$target"',
    'make $(git status)',
    'make >/dev/null 2>&1',
  ])('covers a script only of these: %j', (script) => {
    expect(isAllowed(script)).toBe(true);
  });
  it.each([
    'make; ls',
    'make $(ls)',
    'git',
    'git push',
    'git -C /elsewhere status',
    'git -c core.pager=ls status',
    './make',
    '/tmp/make',
    'sudo make',
    'env make',
    'xargs make',
    "bash -c 'make'",
    'PATH=. make',
    'MAKEFLAGS=x make',
    'make > Makefile',
    'make >> /home/agent/.bashrc',
    'make &> out',
    'make > "$x"',
    '{ make; } > out',
    'make() { :; }; make',
    "alias make='ls'; make",
    '$make',
    'eval "$x"; make',
    'make | sh',
    'make; . ./x',
    'x=1',
    '',
    'make "',
  ])('does not cover %j', (script) => {
    expect(isAllowed(script)).toBe(false);
  });
  it.each([
    ['sudo', 'sudo make', false],
    ['sudo make', 'sudo make install', true],
    ['sudo make', 'sudo -n make', false],
    ['find .', 'find . -name x', true],
    ['find .', 'find . -exec make {} +', false],
    ['xargs', 'xargs make', false],
    ['xargs make', 'xargs make', true],
    ['sudo env make', 'sudo env make', true],
    ['sudo env', 'sudo env make', false],
  ])('of %j covers %j, which runs another one: %s', (pattern, script, covered) => {
    const allow = rule({ on: 'shell.exec', commands: [pattern], effect: 'allow' });
    expect(judge({ agent: { rules: [allow] } }, shell(script)).effect).toBe(covered ? 'allow' : 'ask');
  });
  it('covers nothing with changed variables', () => {
    expect([isAllowed('make'), isAllowed('make', { PATH: 'a'.repeat(64) })]).toEqual([true, false]);
  });
});
