/** When an earlier allow lets an asked action pass, and what a longer one is offered for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../src/domain/action/schema.ts';
import type { Grant, GrantPattern } from '../../../../src/domain/approval/schema.ts';
import { digestOf } from '../../../../src/domain/canonical.ts';
import { suggestPattern } from '../../../../src/domain/policy/index.ts';
import { covers } from '../../../../src/domain/policy/grants.ts';
import { lookAt } from '../../../../src/domain/policy/subject.ts';
import {
  judge,
  judgeShipped,
  mcp,
  other,
  push,
  read,
  request,
  rule,
  search,
  sha256,
  shell,
  WORK,
  write,
  type Levels,
} from './a-policy.ts';

const aGrant = (over: Partial<Grant> = {}): Grant => ({
  grant_id: 'grt_00000001',
  approval_id: 'apr_00000001',
  scope: 'session',
  digest: null,
  pattern: null,
  rules: ['pushes'],
  ...over,
});
const pushes = rule({ name: 'pushes', on: 'shell.exec', commands: ['git push'], effect: 'ask', grantable: 'always' });
const asks: Levels = { agent: { rules: [pushes] } };
const pattern: GrantPattern = { on: 'shell.exec', commands: ['git push origin'] };
const digest = digestOf(shell('git push origin a'), sha256);

describe('a grant', () => {
  it('lets its own action pass, and is named', () => {
    const evaluation = judgeShipped(shell('git push origin a'), asks, { grants: [aGrant({ scope: 'once', digest })] });
    expect(evaluation).toMatchObject({ effect: 'allow', grant_id: 'grt_00000001', rules: [{ name: 'pushes' }] });
  });
  it('does not let another action pass, not even one that differs in a file', () => {
    const grants = [aGrant({ scope: 'once', digest })];
    for (const action of [
      shell('git push origin b'),
      shell('git push origin a', { background: true }),
      shell('git push origin a', { files: [{ path: `${WORK}/a`, blob: 'other' }] }),
    ])
      expect(judgeShipped(action, asks, { grants }).effect).toBe('ask');
  });
  it('with a pattern lets what it covers pass, wholly', () => {
    const grants = [aGrant({ pattern })];
    const effect = (script: string) => judgeShipped(shell(script), asks, { grants }).effect;
    expect(effect('git push origin b')).toBe('allow');
    for (const script of [
      'git push other',
      'git push origin b; git push other',
      'git push origin $(ls)',
      'sudo git push origin b',
    ])
      expect([script, effect(script)]).toEqual([script, 'ask']);
  });
  it('must cover every rule that asks', () => {
    const two = { ...asks, session: { rules: [rule({ name: 'also', on: 'shell.exec', effect: 'ask' })] } };
    const effect = (rules: string[]) =>
      judgeShipped(shell('git push origin a'), two, { grants: [aGrant({ digest, rules })] }).effect;
    expect([effect(['pushes']), effect(['also']), effect(['also', 'pushes'])]).toEqual(['ask', 'ask', 'allow']);
  });
  it.each([
    ['once', 'once', 'allow'],
    ['once', 'session', 'ask'],
    ['session', 'session', 'allow'],
    ['session', 'always', 'ask'],
    ['always', 'always', 'allow'],
    [undefined, 'session', 'allow'],
    [undefined, 'always', 'ask'],
  ] as const)('lasts no longer than a rule lets it: grantable %s, scope %s is %s', (grantable, scope, effect) => {
    const { grantable: _grantable, ...plain } = pushes;
    const levels = { agent: { rules: [{ ...plain, ...(grantable && { grantable }) }] } };
    expect(judgeShipped(shell('git push origin a'), levels, { grants: [aGrant({ scope, digest })] }).effect).toBe(
      effect,
    );
  });
  it('for what leaves the sandbox is for once, unless the rule that asks says otherwise', () => {
    const action = push('example.org');
    const said = (scope: Grant['scope'], rules: string[]): Grant =>
      aGrant({ scope, rules, digest: digestOf(action, sha256) });
    expect(judgeShipped(action, {}, { grants: [said('once', ['git-remotes'])] }).effect).toBe('allow');
    expect(judgeShipped(action, {}, { grants: [said('session', ['git-remotes'])] }).effect).toBe('ask');
    const generous = {
      agent: {
        rules: [
          rule({ name: 'g', on: 'git.push', effect: 'ask', grantable: 'session' }),
          rule({ on: 'git.push', effect: 'allow' }),
        ],
      },
    };
    expect(judgeShipped(action, generous, { grants: [said('session', ['g'])] }).effect).toBe('allow');
  });
  it('never beats a deny', () => {
    const denies = { ...asks, server: { rules: [rule({ name: 'never', on: '*', effect: 'deny' })] } };
    const grants = [aGrant({ digest, rules: ['pushes', 'never'], pattern: { on: '*' } })];
    expect(judgeShipped(shell('git push origin a'), denies, { grants })).toMatchObject({ effect: 'deny' });
  });
  it('is not touched when nothing asks', () => {
    expect(judgeShipped(shell('ls'), asks, { grants: [aGrant({ pattern: { on: '*' } })] }).grant_id).toBeUndefined();
  });
  it('that lasts shortest is used first', () => {
    const grants = [
      aGrant({ grant_id: 'grt_00000003', scope: 'always', pattern }),
      aGrant({ grant_id: 'grt_00000001', scope: 'once', digest }),
      aGrant({ grant_id: 'grt_00000002', scope: 'session', pattern }),
    ];
    expect(judgeShipped(shell('git push origin a'), asks, { grants }).grant_id).toBe('grt_00000001');
    expect(judgeShipped(shell('git push origin b'), asks, { grants }).grant_id).toBe('grt_00000002');
  });
  it('whose pattern cannot be judged covers nothing', () => {
    const broken = aGrant({ pattern: { on: 'file.write', paths: ['['] }, rules: ['uncovered'] });
    expect(judge({}, write(`${WORK}/a`), { grants: [broken] }).effect).toBe('ask');
  });
});

describe('a suggested pattern', () => {
  it.each([
    [shell('git push origin main'), { on: 'shell.exec', commands: ['git push'] }],
    [shell('npm run build -- --watch'), { on: 'shell.exec', commands: ['npm run build'] }],
    [shell('npm test; npm test | tail -n 5'), { on: 'shell.exec', commands: ['npm test', 'tail -n 5'] }],
    [shell('ls -la'), { on: 'shell.exec', commands: ['ls -la'] }],
    [shell('rm -rf build dist'), { on: 'shell.exec', commands: ['rm -rf build'] }],
    [write(`${WORK}/.vscode/settings.json`), { on: 'file.write', paths: ['.vscode/settings.json'] }],
    [write('/etc/hosts'), { on: 'file.write', paths: ['/etc/hosts'] }],
    [write(`${WORK}/a*[b]{c}`), { on: 'file.write', paths: ['a\\*\\[b\\]\\{c\\}'] }],
    [read('/usr/include/stdio.h'), { on: 'file.read', paths: ['/usr/include/*'] }],
    [read('/vmlinuz'), { on: 'file.read', paths: ['/vmlinuz'] }],
    [search('/usr/include'), { on: 'file.search', paths: ['/usr/include/**'] }],
    [other('Teleport'), { on: 'tool.other', tools: ['Teleport'] }],
  ] as const)('for %j is %j', (action, expected) => {
    expect(suggestPattern(action)).toEqual(expected);
  });
  it.each([
    request('example.org'),
    push('example.org'),
    mcp('github', 'create_issue'),
    { kind: 'net.search', cwd: WORK, query: 'x' },
    { kind: 'package.install', cwd: WORK, ecosystem: 'npm', name: 'a', version: null },
    { kind: 'question.ask', cwd: WORK, questions: [] },
    { kind: 'plan.propose', cwd: WORK, plan_digest: 'a'.repeat(64) },
    shell('sudo make'),
    shell('sh -c make'),
    shell('X=1 make'),
    shell('make > out'),
    shell('$make'),
    shell('make "$('),
    shell('git -c core.pager=x log'),
    shell('eval make'),
    shell('python3 -c "print(1)"'),
    shell(''),
  ] as readonly Action[])('is none for %j', (action) => {
    expect(suggestPattern(action)).toBeNull();
  });
  it('covers its own action, and lets the same again pass for the session', () => {
    const word = fc.constantFrom(
      'git',
      'push',
      '-f',
      'a*',
      '$x',
      '"a b"',
      'src/../b',
      '{',
      '[',
      '\\',
      '~',
      'ls',
      '&&',
      ';',
      '|',
      '>',
      'run',
    );
    const name = fc.string({ minLength: 1, maxLength: 6 });
    const action = fc.oneof(
      fc.array(word, { maxLength: 6 }).map((words) => shell(words.join(' '))),
      fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => write(`${WORK}/${names.join('/')}`)),
      fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => read(`/${names.join('/')}`)),
      name.map(other),
    );
    let suggested = 0;
    fc.assert(
      fc.property(action, (met) => {
        const offered = suggestPattern(met);
        if (!offered) return;
        suggested++;
        expect(covers(offered, lookAt(met, 'bubblewrap'))).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(suggested).toBeGreaterThan(100);
  });
});
