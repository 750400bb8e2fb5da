/** Agent files: what is right is read, and each mistake is said with its place and what was meant. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isTackError } from '../../../../src/domain/errors.ts';
import { stepsOf } from '../../../../src/harnesses/scripted/script.ts';
import { parseAgent, parseSessionPolicy } from '../../../../src/domain/spec/parse.ts';

/** What parseAgent says is wrong, line by line. */
function mistakes(text: string): readonly string[] {
  try {
    parseAgent(text, 'a.yaml');
    return [];
  } catch (error) {
    if (!isTackError(error) || error.code !== 'spec_invalid') throw error;
    const { errors } = error.data as { errors: { place: string; message: string }[] };
    expect(errors.map(({ place, message }) => `${place}: ${message}`)).toEqual(error.message.split('\n').slice(0, 50));
    return error.message.split('\n');
  }
}
const START = 'name: coder\nharness: claude-code\n';
const withRule = (rule: string) => `${START}policies:\n  rules:\n    - ${rule}\n`;

describe('a right file', () => {
  it('is read with its defaults', () => {
    expect(parseAgent(START, 'a.yaml')).toEqual({ name: 'coder', harness: 'claude-code', sandbox: 'bubblewrap' });
  });
  it('may say everything', () => {
    const text = `# a comment
name: coder
harness: claude-code
model: opus
instructions: |
  Write tests first.
sandbox: none
include: [node_modules]
setup: [npm ci]
limits: { memory_bytes: 64000000, processes: 50, disk_bytes: 1000000, turn_minutes: 1.5 }
policies:
  rules:
    - name: pushes
      on: [shell.exec, git.*]
      commands: [git push]
      effect: ask
      reason: It leaves.
      grantable: once
      on_expiry: deny
      expires_in_s: 60
      grace_s: 0
      shadow: true
  defaults:
    - { on: mcp.call, tools: [github/*], effect: allow }
`;
    expect(parseAgent(text, 'a.yaml')).toMatchObject({
      limits: { turn_minutes: 1.5 },
      policies: { rules: [{ grace_s: 0 }], defaults: [{ effect: 'allow' }] },
    });
  });
  it.each(readdirSync('agents'))('is shipped as %s, under the name of its file', (file) => {
    const agent = parseAgent(readFileSync(`agents/${file}`, 'utf8'), file);
    expect(`${agent.name}.yaml`).toBe(file);
    if (agent.script !== undefined) expect(stepsOf(agent.script, 0).length).toBeGreaterThan(0);
  });
});

describe('a mistake', () => {
  it.each([
    [
      'of a key',
      'name: coder\nharnes: claude-code\nharness: claude-code',
      ['a.yaml:2:1 harnes: unknown key; did you mean `harness`?'],
    ],
    [
      'of a harness',
      'name: coder\nharness: claud-code',
      [
        'a.yaml:2:10 harness: "claud-code" is not known here; it is one of claude-code, scripted; did you mean `claude-code`?',
      ],
    ],
    [
      'of an effect',
      withRule('{name: a, on: shell.exec, effect: alow, reason: r}'),
      [
        'a.yaml:5:41 policies.rules[0].effect: "alow" is not known here; it is one of allow, ask, deny; did you mean `allow`?',
      ],
    ],
    [
      'of a kind',
      withRule('{name: a, on: shel.exec, effect: ask, reason: r}'),
      ['a.yaml:5:21 policies.rules[0].on: "shel.exec" is not known here; did you mean `shell.exec`?'],
    ],
    [
      'of a kind in a list',
      withRule('{name: a, on: [shell.exec, git.pus], effect: ask, reason: r}'),
      ['a.yaml:5:34 policies.rules[0].on[1]: "git.pus" is not known here; did you mean `git.push`?'],
    ],
    [
      'of a key of a rule',
      withRule('{name: a, on: shell.exec, effect: ask, reasons: r, reason: r}'),
      ['a.yaml:5:46 policies.rules[0].reasons: unknown key; did you mean `reason`?'],
    ],
    ['of a missing key', 'name: coder', ['a.yaml:1:1 harness: is missing']],
    ['of a type', `${START}include: node_modules`, ['a.yaml:3:10 include: must be a list, not text']],
    ['of a number', `${START}limits:\n  processes: many`, ['a.yaml:4:14 limits.processes: must be a number, not text']],
    [
      'of a name',
      'name: My Agent\nharness: claude-code',
      ['a.yaml:1:7 name: a name has lower-case letters, digits and dashes'],
    ],
    [
      'of a matcher that fits no kind',
      withRule('{name: a, on: file.write, hosts: [x], effect: ask, reason: r}'),
      [
        'a.yaml:5:40 policies.rules[0].hosts: fits no kind in `on`; it is for net.request, git.fetch, git.push, forge.call',
      ],
    ],
    [
      'of a glob',
      withRule('{name: a, on: file.write, paths: ["src/[a"], effect: ask, reason: r}'),
      ['a.yaml:5:41 policies.rules[0].paths[0]: [a: `[` is not closed'],
    ],
    [
      'of a path that leads out',
      withRule('{name: a, on: file.write, paths: [../x], effect: ask, reason: r}'),
      ['a.yaml:5:41 policies.rules[0].paths[0]: ../x: `..` leads out of the pattern'],
    ],
    [
      'of a name that stands twice',
      withRule(
        '{name: a, on: file.read, effect: ask, reason: r}\n    - {name: a, on: file.read, effect: ask, reason: r}',
      ),
      ['a.yaml:6:14 policies.rules[1].name: "a" names another one too'],
    ],
    [
      'of a script that is missing',
      'name: s\nharness: scripted',
      ['a.yaml:1:1 script: is missing: the harness `scripted` plays it'],
    ],
    ['of a script that nobody plays', `${START}script: x`, ['a.yaml:3:9 script: is only for the harness `scripted`']],
    ['of a key that stands twice', `${START}name: other`, ['a.yaml:3:1: this key stands here twice']],
    ['of a list', '- name: coder', ['a.yaml:1:1: must be a map, not a list']],
    ['of an empty file', '', ['a.yaml:1:1: must be a map, not nothing']],
  ])('%s is said with its place', (_what, text, expected) => {
    expect(mistakes(text)).toEqual(expected);
  });
  it('is a star in a command, which matches no word that a shell has put there', () => {
    expect(
      mistakes(withRule("{ name: r, on: shell.exec, commands: ['rm -rf *', ls, 'npm-*'], effect: ask, reason: x }")),
    ).toEqual([
      'a.yaml:5:45 policies.rules[0].commands[0]: `*` is no wildcard here; first words cover whatever comes behind them: write `rm -rf`',
      'a.yaml:5:61 policies.rules[0].commands[2]: `*` is no wildcard here; first words cover whatever comes behind them',
    ]);
    expect(() =>
      parseSessionPolicy("rules: [{ name: r, on: shell.exec, commands: ['rm *'], effect: deny, reason: x }]", 'p.yaml'),
    ).toThrow(
      'rules[0].commands[0]: `*` is no wildcard here; first words cover whatever comes behind them: write `rm`',
    );
  });

  it('is never said alone when there are more', () => {
    const text = `name: X
harnes: scripted
harness: scripted
harness: claude-code
limits: { processes: 0 }
policies:
  rules:
    - 5
`;
    const places = mistakes(text).map((line) => /^a\.yaml:\d+:\d+/.exec(line)?.[0]);
    expect(places).toEqual(['a.yaml:1:7', 'a.yaml:2:1', 'a.yaml:4:1', 'a.yaml:5:22', 'a.yaml:8:7']);
  });
});

describe('what is no YAML', () => {
  it.each([
    ['name: [a\nharness: b', /^a\.yaml:2:1: /],
    ['name: "a', /^a\.yaml:1:9: /],
    ['name:\n\t- a', /^a\.yaml:2:1: a tab indents this line/],
    ['name: a\n---\nname: b', /^a\.yaml:2:1: a second document begins here/],
    ['name: !!js/function x', /^a\.yaml:1:7: /],
    ['@', /^a\.yaml:1:1: /],
  ])('%j is said with its place', (text, expected) => {
    expect(mistakes(text).join('\n')).toMatch(expected);
  });
  it('anchors are refused before anything is built from them', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghijk'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]}, `.repeat(9)}]`),
    ].join('\n');
    expect(mistakes(bomb)[0]).toBe('a.yaml:1:7: anchors and aliases are not allowed');
    expect(mistakes(bomb).at(-1)).toBe('… and 51 more');
    expect(mistakes('name: &x coder\nharness: *x\n')).toHaveLength(2);
    expect(mistakes('name: &x coder\nharness: *x\n<<: *x')).toHaveLength(3);
  });
  it('is not read when it is too long, or too deep', () => {
    expect(mistakes(`name: ${'a'.repeat(1_000_001)}`)[0]).toMatch(/^a\.yaml:1:1: longer than/);
    expect(mistakes(`name: ${'['.repeat(20_000)}`)).not.toEqual([]);
    expect(mistakes(`name: ${'['.repeat(5_000)}${']'.repeat(5_000)}\nharness: scripted`)).not.toEqual([]);
  });
  it('a key of every object is a key like others', () => {
    expect(mistakes(`${START}__proto__: { sandbox: none }\nconstructor: x`)).toEqual([
      'a.yaml:3:1 __proto__: unknown key',
      'a.yaml:4:1 constructor: unknown key',
    ]);
  });
});
