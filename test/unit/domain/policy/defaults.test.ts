/** Each row of the table of shipped defaults: what holds when nobody says otherwise. */
import { describe, expect, it } from 'vitest';
import { ACTION_KINDS, type Action } from '../../../../src/domain/action/schema.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../../../src/domain/planted.ts';
import { isAbout } from '../../../../src/domain/policy/matchers.ts';
import { shippedLevel } from '../../../../src/domain/policy/shipped.ts';
import { judgeShipped, mcp, namesOf, other, push, read, request, search, shell, WORK, write } from './a-policy.ts';

const cwd = WORK;
const digest = 'a'.repeat(64);
const named = { ecosystem: 'npm', name: 'left-pad', version: null };

describe('reading and searching', () => {
  const allowed = [
    `${WORK}/src/index.ts`,
    `${WORK}/.github/workflows/ci.yml`,
    `${WORK}/node_modules/a/b.js`,
    `${WORK}/environment.ts`,
    WORK,
    '/home/agent/.bashrc',
    '/home/agent/out/report.txt',
    '/tmp/a/b',
  ];
  it.each(allowed)('is allowed in worktree, home and tmp: %s', (path) => {
    for (const action of [read(path), search(path)]) expect(judgeShipped(action).effect).toBe('allow');
  });
  const secrets = [
    `${WORK}/.env`,
    `${WORK}/.env.local`,
    `${WORK}/packages/api/.env.production`,
    `${WORK}/certs/server.key`,
    `${WORK}/server.pem`,
    '/home/agent/.ssh/id_ed25519',
    '/home/agent/.ssh/config',
    '/home/agent/id_rsa',
    '/home/agent/.aws/credentials',
    '/home/agent/.git-credentials',
    '/home/agent/.netrc',
    '/home/agent/.npmrc',
    '/home/agent/.claude/.credentials.json',
    '/home/agent/.config/gh/hosts.yml',
    '/root/.docker/config.json',
    '/home/anna/.kube/config',
    '/tmp/store.p12',
  ];
  it.each(secrets)('of a secret file is denied, wherever it is: %s', (path) => {
    for (const action of [read(path), search(path)]) {
      const evaluation = judgeShipped(action);
      expect(evaluation.effect).toBe('deny');
      expect(namesOf(evaluation)).toEqual(['secret-files']);
    }
  });
  it.each(['/etc/passwd', '/', '/home', '/home/anna/notes', '/proc/1/environ', '/home/agent/../anna/x', '/tmpx/a'])(
    'is asked elsewhere: %s',
    (path) => {
      for (const action of [read(path), search(path)]) expect(judgeShipped(action).effect).toBe('ask');
    },
  );
  it('is judged by the strictest of all its paths', () => {
    expect(judgeShipped(read(`${WORK}/a`, '/etc/passwd')).effect).toBe('ask');
    expect(judgeShipped(read(`${WORK}/a`, `${WORK}/.env`)).effect).toBe('deny');
    expect(judgeShipped(read()).effect).toBe('ask');
  });
});

describe('writing', () => {
  it.each([`${WORK}/src/a.ts`, `${WORK}/.github/workflows/ci.yml`, `${WORK}/.gitignore`, `${WORK}/a/b/c`])(
    'is allowed in the worktree: %s',
    (path) => {
      expect(judgeShipped(write(path)).effect).toBe('allow');
    },
  );
  it.each(['.git', '.git/hooks/pre-commit', '.git/config', 'vendor/lib/.git/config'])(
    'into .git is asked: %s',
    (path) => {
      const evaluation = judgeShipped(write(`${WORK}/${path}`));
      expect([evaluation.effect, namesOf(evaluation)]).toEqual(['ask', ['git-folder']]);
    },
  );
  const planted = [...PLANTED_FILES, ...PLANTED_FOLDERS.flatMap((name) => [name, `${name}/settings.json`])];
  it.each(planted.flatMap((name) => [name, `packages/api/${name}`]))(
    'what editors and tools obey is asked: %s',
    (path) => {
      const evaluation = judgeShipped(write(`${WORK}/${path}`));
      expect([evaluation.effect, namesOf(evaluation)]).toEqual(['ask', ['planted-files']]);
    },
  );
  it.each(['/home/agent/.bashrc', '/tmp/a', '/etc/hosts', `${WORK}/../out/x`, '/home/agent/work2/a'])(
    'is asked outside of the worktree: %s',
    (path) => {
      expect(judgeShipped(write(path)).effect).toBe('ask');
    },
  );
});

describe('a shell command', () => {
  it('is allowed in the sandbox', () => {
    expect(judgeShipped(shell('rm -rf build && make')).effect).toBe('allow');
    expect(judgeShipped(shell('$(cat x) "$y"')).effect).toBe('allow');
  });
  it('is asked without one', () => {
    expect(judgeShipped(shell('ls'), {}, { sandbox: 'none' }).effect).toBe('ask');
  });
});

describe('without a sandbox', () => {
  const session = '/var/lib/tackroom/sessions/ses_1';
  const at = (kind: 'file.read' | 'file.write', path: string): Action => ({
    ...(kind === 'file.read' ? read(path) : write(path)),
    cwd: `${session}/work`,
  });
  it.each([
    ['file.read', `${session}/work/a`, 'allow'],
    ['file.read', `${session}/home/a`, 'allow'],
    ['file.read', '/tmp/a', 'allow'],
    ['file.read', '/home/agent/work/a', 'ask'],
    ['file.read', '/var/lib/tackroom/token', 'ask'],
    ['file.read', `${session}/work/.env`, 'deny'],
    ['file.write', `${session}/work/a`, 'allow'],
    ['file.write', `${session}/work/.git/config`, 'ask'],
    ['file.write', `${session}/home/a`, 'ask'],
    ['file.write', '/home/agent/work/a', 'ask'],
  ] as const)('the places are those of the host: %s %s is %s', (kind, path, effect) => {
    expect(judgeShipped(at(kind, path), {}, { sandbox: 'none' }).effect).toBe(effect);
  });
  it('a shell that went down stands in the same worktree, one that left it in none', () => {
    const from = (cwd: string, path: string) =>
      judgeShipped({ ...at('file.write', path), cwd }, {}, { sandbox: 'none' }).effect;
    expect(from(`${session}/work/src`, `${session}/work/a`)).toBe('allow');
    expect(from('/etc', '/etc/passwd')).toBe('ask');
    expect(from(`${session}/work/sessions/ses_2/work`, `${session}/work/a`)).toBe('allow');
  });
});

describe('the other kinds', () => {
  const table: readonly (readonly [Action, 'allow' | 'ask', ('once' | 'session')?])[] = [
    [{ kind: 'agent.spawn', cwd, type: 'explore' }, 'allow'],
    [{ kind: 'plan.update', cwd }, 'allow'],
    [{ kind: 'skill.load', cwd, name: 'pdf' }, 'allow'],
    [{ kind: 'question.ask', cwd, questions: [] }, 'ask', 'once'],
    [{ kind: 'plan.propose', cwd, plan_digest: digest }, 'ask', 'once'],
    [request('example.org'), 'ask', 'once'],
    [{ kind: 'net.search', cwd, query: 'x' }, 'ask', 'once'],
    [{ kind: 'model.request', cwd, provider: 'anthropic', model: 'm', max_tokens: 1 }, 'allow'],
    [mcp('github', 'create_issue'), 'ask', 'once'],
    [{ kind: 'git.fetch', cwd, host: 'example.org', repository: 'a/b' }, 'ask', 'once'],
    [push('example.org'), 'ask', 'once'],
    [{ kind: 'package.install', cwd, ...named }, 'ask', 'once'],
    [{ kind: 'package.publish', cwd, ...named }, 'ask', 'once'],
    [{ kind: 'forge.call', cwd, host: 'example.org', repository: 'a/b', operation: 'pr.create' }, 'ask', 'once'],
    [other('Teleport'), 'ask', 'session'],
  ];
  it.each(table.map(([action, ...said]) => [action.kind, action, ...said] as const))(
    '%s',
    (_kind, action, effect, grantable) => {
      const evaluation = judgeShipped(action);
      expect(evaluation.effect).toBe(effect);
      expect(evaluation.rules).toHaveLength(1);
      expect(evaluation.rules[0]?.grantable).toBe(grantable);
      expect(evaluation.rules[0]?.reason).not.toBe('');
    },
  );
  it('every kind has a row, and nothing that is shipped is a rule: all of it can be replaced', () => {
    for (const sandbox of ['bubblewrap', 'none'] as const) {
      const { rules, defaults } = shippedLevel(sandbox);
      expect(rules).toEqual([]);
      for (const kind of ACTION_KINDS) expect(defaults.some(({ on }) => isAbout(on)(kind))).toBe(true);
    }
  });
  it('a kind that is not known is asked', () => {
    expect(judgeShipped({ kind: 'rocket.launch', cwd } as never).effect).toBe('ask');
  });
});
