/** What the words of a rule match. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../src/domain/action/schema.ts';
import type { Rule } from '../../../../src/domain/policy/schema.ts';
import { judge, mcp, other, push, read, request, rule, search, shell, WORK, write } from './a-policy.ts';

const matches = (words: Partial<Rule> & Pick<Rule, 'on'>, action: Action): boolean =>
  judge({ agent: { rules: [rule({ ...words, effect: 'deny' })] } }, action).effect === 'deny';

describe('on', () => {
  it.each([
    ['file.read', true],
    ['file.*', true],
    ['*', true],
    [['shell.exec', 'file.read'], true],
    [['git.*', 'shell.exec'], false],
    ['file.write', false],
    ['net.*', false],
  ] as const)('%j speaks about file.read: %s', (on, expected) => {
    expect(matches({ on: on as Rule['on'] }, read(`${WORK}/a`))).toBe(expected);
  });
});

describe('paths', () => {
  it.each([
    ['src/**', 'src/a.ts', true],
    ['src/**', 'src/a/b/c.ts', true],
    ['src/**', 'src', true],
    ['src/', 'src/a.ts', true],
    ['src/**', 'lib/src/a.ts', false],
    ['./src/*', 'src/a.ts', true],
    ['src/*', 'src/a/b.ts', false],
    ['src', 'src/a.ts', false],
    ['**/*.test.ts', 'a.test.ts', true],
    ['**/*.test.ts', 'x/y/a.test.ts', true],
    ['*.ts', 'x/a.ts', false],
    ['**', '.hidden/.file', true],
    ['*', '.env', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['[a-c]1', 'b1', true],
    ['[!a-c]1', 'b1', false],
    ['[a-c]1', 'd1', false],
    ['*.{js,ts}', 'a.ts', true],
    ['*.{js,{c,m}ts}', 'a.mts', true],
    ['*.{js,{c,m}ts}', 'a.ts', false],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c/y', false],
    ['**/a/**/b/**', 'x/a/y/b/z', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\{a,b\\}', '{a,b}', true],
    ['a.c', 'abc', false],
    ['a+(b)', 'a+(b)', true],
  ])('%j matches %j: %s', (pattern, path, expected) => {
    expect(matches({ on: 'file.*', paths: [pattern] }, write(`${WORK}/${path}`))).toBe(expected);
  });
  it.each([
    ['/etc/**', '/etc/ssl/cert', true],
    ['/etc/**', `${WORK}/etc/ssl`, false],
    ['~/.config/**', '/home/agent/.config/x', true],
    ['~/**', '/home/agent/work/a', true],
    ['~/**', '/home/anna/a', false],
    ['**', '/home/agent/a', false],
    ['**', `${WORK}/../a`, false],
    ['**', `${WORK}/a/../../work/b`, true],
    ['/**', '/anything/at/all', true],
    ['src/**', 'src/a.ts', true],
  ])('from the root, the home, or the worktree: %j matches %j: %s', (pattern, path, expected) => {
    expect(matches({ on: 'file.*', paths: [pattern] }, search(path))).toBe(expected);
  });
  it('no pattern makes a path slow', () => {
    const path = `${WORK}/${'a'.repeat(4_000)}/${'b/'.repeat(2_000)}`;
    const pattern = `${'*a'.repeat(40)}*c/${'**/b/'.repeat(40)}c`;
    expect(matches({ on: 'file.*', paths: [pattern] }, read(path))).toBe(false);
  });
  it('of an ask or deny match any path, of an allow every one', () => {
    const two = write(`${WORK}/src/a`, `${WORK}/docs/b`);
    expect(matches({ on: 'file.*', paths: ['docs/**'] }, two)).toBe(true);
    const allows = (paths: string[]) =>
      judge({ agent: { rules: [rule({ on: 'file.*', paths, effect: 'allow' })] } }, two).effect;
    expect([allows(['docs/**']), allows(['docs/**', 'src/**'])]).toEqual(['ask', 'allow']);
  });
  it('deny a command that names such a file, but never allow one: it may touch others', () => {
    const cat = shell('cat secrets/a', { files: [{ path: `${WORK}/secrets/a`, blob: 'b' }] });
    expect(matches({ on: '*', paths: ['secrets/**'] }, cat)).toBe(true);
    expect(matches({ on: '*', paths: ['secrets/**'] }, shell('ls'))).toBe(false);
    const allow = rule({ on: '*', paths: ['**'], effect: 'allow' });
    expect(judge({ agent: { rules: [allow] } }, cat).effect).toBe('ask');
  });
  it('match nothing that has none', () => {
    expect(matches({ on: '*', paths: ['/**'] }, request('example.org'))).toBe(false);
  });
});

describe('hosts', () => {
  it.each([
    ['example.org', 'example.org', true],
    ['example.org', 'EXAMPLE.org.', true],
    ['example.org', 'api.example.org', false],
    ['*.example.org', 'api.example.org', true],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'example.org', false],
    ['*.example.org', 'evilexample.org', false],
    ['example.org', 'example.org.evil.net', false],
    ['*', 'anything', true],
    ['::1', '[::1]', true],
  ])('%j matches %j: %s', (pattern, host, expected) => {
    for (const action of [request(host), push(host)])
      expect(matches({ on: ['net.request', 'git.push'], hosts: [pattern] }, action)).toBe(expected);
  });
});

describe('tools', () => {
  it.each([
    ['github/create_issue', mcp('github', 'create_issue'), true],
    ['github/*', mcp('github', 'create_issue'), true],
    ['github/*', mcp('gitlab', 'create_issue'), false],
    ['*/create_*', mcp('github', 'create_issue'), true],
    ['Teleport', other('Teleport'), true],
    ['Teleport', other('Teleporter'), false],
    ['pdf', { kind: 'skill.load', cwd: WORK, name: 'pdf' }, true],
    ['explore', { kind: 'agent.spawn', cwd: WORK, type: 'plan' }, false],
    ['*', shell('ls'), false],
  ] as const)('%j matches %j: %s', (pattern, action, expected) => {
    expect(matches({ on: '*', tools: [pattern] }, action as Action)).toBe(expected);
  });
});

describe('several matchers', () => {
  it('must all hold', () => {
    const words = { on: 'shell.exec', commands: ['cat'], paths: ['secrets/**'] } as const;
    const named = { files: [{ path: `${WORK}/secrets/a`, blob: 'b' }] };
    const both = { ...words, commands: [...words.commands], paths: [...words.paths] };
    expect([
      matches(both, shell('cat secrets/a', named)),
      matches(both, shell('ls secrets/a', named)),
      matches(both, shell('cat a')),
    ]).toEqual([true, false, false]);
  });
});
