import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { TackError } from '../../../../src/domain/errors.ts';
import { fingerprintOf, type Credential, type CredentialInfo } from '../../../../src/domain/wires/broker.ts';
import { git, writeFiles } from '../../../support/repository.ts';
import { until } from '../../../support/until.ts';
import { BEGUN, begins, DONE, delta, MAIN, message, openStage, type Stage } from './a-stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const AGENT = ['--agent', 'scripted'];

describe('tack run', () => {
  it('pushes the work, streams the words to stdout and the talk to stderr, and exits with the end of the turn', async () => {
    stage = await openStage();
    writeFiles(stage.repository, {
      'new.txt': 'not committed\n',
      'node_modules/x/index.js': 'x',
      '.gitignore': 'node_modules\n',
    });
    const running = stage.start(['run', 'do', 'it', ...AGENT]);
    const session = await stage.started();
    await session.happens(...BEGUN);
    session.streams(begins('itm_1'), delta('itm_1', 'Hel'), delta('itm_1', 'lo'));
    await until('the words to stream', () => running.stdout() === 'Hello');
    await session.happens(
      message('itm_1', 'Hello there.'),
      { type: 'agent.tool_use', data: { tool_use_id: 'c', name: 'Bash', title: 'ls', kind: 'execute', input: {} } },
      DONE,
    );
    const { code, stdout, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stdout).toBe('Hello there.\n');
    expect(stderr).toMatch(/Pushing HEAD with your changes of .*\n.*along comes node_modules \(1 B\)/);
    expect(stderr).toContain('● Bash  ls\n');
    expect(stderr).toContain('✓ Done · 1 call');
    const record = await stage.rig.store.records.session(session.id);
    const project = join(stage.rig.projects, `${record?.project_id}.git`);
    expect(git(project, 'show', `refs/tack/base/${session.id}:new.txt`)).toBe('not committed\n');
    expect(record).toMatchObject({ title: 'do it', include: [expect.objectContaining({ path: 'node_modules' })] });
  });

  it('starts from HEAD alone with --clean, and takes title and model', async () => {
    stage = await openStage();
    writeFiles(stage.repository, { 'new.txt': 'x\n' });
    const { code, stdout } = await stage.tack([
      'run',
      'x',
      ...AGENT,
      '--clean',
      '--title',
      'Mine',
      '--model',
      'm-1',
      '-d',
    ]);
    expect(code).toBe(0);
    const record = await stage.rig.store.records.session(stdout.trim());
    expect(record).toMatchObject({
      title: 'Mine',
      agent: { model: 'm-1' },
      base_commit: git(stage.repository, 'rev-parse', 'HEAD').trim(),
    });
  });

  it('prints nothing but the id with -d, and the session itself with --json', async () => {
    stage = await openStage();
    expect((await stage.tack(['run', 'x', ...AGENT, '-d'])).stdout).toMatch(/^ses_[0-9a-z]{26}\n$/);
    expect(JSON.parse((await stage.tack(['run', 'x', ...AGENT, '-d', '--json'])).stdout)).toMatchObject({
      object: 'session',
      agent: 'scripted',
    });
  });

  it('takes the prompt from stdin, and what is piped in as its context', async () => {
    stage = await openStage();
    await stage.tack(['run', '-', ...AGENT, '-d'], { input: 'from stdin\n' });
    const piped = `printf 'a difference' | '${process.execPath}' '${MAIN}' run 'review this' --agent scripted -d`;
    await promisify(execFile)('sh', ['-c', piped], { cwd: stage.repository, env: stage.env });
    const texts = [...stage.rig.store.kept.values()];
    expect(texts).toContainEqual(expect.stringContaining('"from stdin"'));
    expect(texts).toContainEqual(expect.stringContaining('"review this\\n\\na difference"'));
  });

  it('starts one session when the engine was away for a moment: the same POST again, under the same key', async () => {
    let tries = 0;
    stage = await openStage({
      engine: {
        say: async (_record, _delivery, { turn_id }) => {
          if (++tries === 1) throw new TackError('engine_unavailable', 'away');
          return { turn_id };
        },
      },
    });
    const { code } = await stage.tack(['run', 'once', ...AGENT, '-d']);
    expect([code, tries]).toEqual([0, 2]);
    const [first, second] = stage.rig.told.filter(({ name }) => name === 'say').map(({ args }) => args[2]);
    expect(second).toEqual(first);
  });

  it.each([
    ['a failed turn', { type: 'turn.failed', data: { error: { code: 'model_failed', message: 'no' } } }, 1],
    [
      'a missing credential',
      { type: 'turn.failed', data: { error: { code: 'credential_missing', message: 'no' } } },
      4,
    ],
    ['a turn that somebody stopped', { type: 'turn.cancelled' }, 130],
  ] as const)('has an exit code for %s', async (_what, end, code) => {
    stage = await openStage();
    const running = stage.start(['run', 'x', ...AGENT]);
    const session = await stage.started();
    await session.happens(...BEGUN, end);
    expect((await running.finished).code).toBe(code);
  });

  it('exits with 3 where nobody can be asked: the id of the approval on stdout, the ways on beside it', async () => {
    stage = await openStage();
    const running = stage.start(['run', 'x', ...AGENT]);
    const session = await stage.started();
    await session.happens(...BEGUN, message('i', 'Wait.'));
    await session.asks('apr_1');
    const { code, stdout, stderr } = await running.finished;
    expect([code, stdout]).toEqual([3, 'Wait.\napr_1\n']);
    expect(stderr).toMatch(/tack approve apr_1 · tack deny apr_1/);
    expect(stderr).toContain('--wait');
    expect(stage.rig.told.map(({ name }) => name)).not.toContain('interrupt');
  });

  it('stays with --wait until somebody else has answered, and with --timeout for so long', async () => {
    stage = await openStage();
    const running = stage.start(['run', 'x', ...AGENT, '--wait']);
    const session = await stage.started();
    await session.happens(...BEGUN);
    await session.asks('apr_1');
    await running.says('Needs you');
    await session.answered('apr_1', { decision: 'allow_once' }, { actor: { type: 'user', id: 'bob' }, via: 'web' });
    await session.happens(DONE);
    const { code, stderr } = await running.finished;
    expect(code).toBe(0);
    expect(stderr).toContain('✓ Allowed once by bob via web');
    const short = await stage.tack(['run', 'x', ...AGENT, '--timeout', '0.2']);
    expect(short.code).toBe(124);
    expect(short.stderr).toMatch(/Out of time. The session runs on: tack attach ses_/);
  });

  it('prints with --json the envelopes of the API, and nothing else', async () => {
    stage = await openStage();
    const running = stage.start(['run', 'x', ...AGENT, '--json']);
    const session = await stage.started();
    await session.happens(
      ...BEGUN,
      message('i', 'Hello\u001b[2J'),
      { type: 'agent.tool_use', data: { tool_use_id: 'c', name: 'Bash' } },
      DONE,
    );
    const { code, stdout } = await running.finished;
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(await session.log());
  });

  it('lets nothing of a session steer the terminal', async () => {
    stage = await openStage();
    const attack = '\u001b]0;owned\u0007\u001b[2J\u009b1A\rover';
    const running = stage.start(['run', 'x', ...AGENT]);
    const session = await stage.started();
    await session.happens(
      {
        type: 'session.created',
        turn_id: null,
        data: { title: attack, agent: attack, harness: attack, sandbox: 'bubblewrap' },
      },
      { type: 'turn.started' },
      message('i', attack),
      {
        type: 'agent.tool_use',
        data: {
          tool_use_id: 'c',
          name: attack,
          title: attack,
          kind: 'edit',
          input: { old_string: attack, new_string: '' },
        },
      },
      { type: 'agent.tool_result', data: { tool_use_id: 'c', content: [{ type: 'text', text: attack }] } },
      { type: 'turn.failed', data: { error: { code: attack, message: attack } } },
    );
    const { stdout, stderr } = await running.finished;
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
    expect(
      (await session.log()).some(({ data }) => steering.test(JSON.stringify(data).replaceAll('\\u001b', '\u001b'))),
    ).toBe(true); // the control
    expect(stdout + stderr).toContain('␛]0;owned␇');
    expect(steering.test(stdout + stderr)).toBe(false);
  });
});

describe('tack run refuses before anything is started', () => {
  it.each([
    ['no prompt', ['run', ...AGENT], 2, /There is no prompt/],
    [
      'an agent that does not exist',
      ['run', 'x', '--agent', 'scriptd'],
      2,
      /no agent "scriptd". Did you mean scripted\?/,
    ],
    ['an agent file that does not exist', ['run', 'x', '--agent', './none.yaml'], 2, /no agent file .*none\.yaml/],
    [
      'an option that does not exist',
      ['run', 'x', '--agnet', 'scripted'],
      2,
      /unknown option '--agnet' \(Did you mean --agent\?\)\n {2}See `tack help run`\.$/m,
    ],
    [
      'a word that an option does not know',
      ['ls', '--status', 'closd'],
      2,
      /--status: "closd" is not known here; it is one of .*; did you mean `closed`\?\n {2}See `tack help ls`\.$/m,
    ],
    [
      'a word that an argument does not know',
      ['audit', 'verfy'],
      2,
      /✗ what: "verfy" is not known here; it is one of verify; did you mean `verify`\?/,
    ],
  ])('%s', async (_what, args, code, words) => {
    stage = await openStage();
    const ran = await stage.tack(args);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toMatch(words);
    expect(stage.rig.told).toEqual([]);
  });

  it('says where an agent file is wrong, by file, line and column, and shows what it quotes', async () => {
    stage = await openStage();
    writeFiles(stage.repository, { 'bad.yaml': 'name: x\nharness: scripted\n"modl\\e[2J": y\n' });
    const { code, stderr } = await stage.tack(['run', 'x', '--agent', 'bad.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bad\.yaml:3:1/);
    expect(stderr).not.toContain('\u001b');
  });

  it('a folder that is no git repository, in one line with the way out', async () => {
    stage = await openStage();
    const folder = mkdtempSync(join(tmpdir(), 'tack-none-'));
    const { code, stderr } = await stage.tack(['run', 'x', ...AGENT], {
      cwd: folder,
      env: { GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /is not in a git repository\. Make it one: `git init .*`\.\n {2}Change into the working tree of a repository\.$/m,
    );
    rmSync(folder, { recursive: true });
  });

  it('a harness that is not installed', async () => {
    stage = await openStage();
    writeFiles(stage.repository, { 'c.yaml': 'name: c\nharness: claude-code\n' });
    const { code, stderr } = await stage.tack(['run', 'x', '--agent', 'c.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('No `claude` on the PATH.');
  });
});

describe('the credential of the model', () => {
  const SECRET = 'sk-test-0123456789';
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const given: Credential[] = [];

  async function withBroker(held: readonly CredentialInfo[]): Promise<Stage> {
    given.length = 0;
    const found = {
      object: 'harness' as const,
      id: 'claude-code',
      name: 'Claude Code',
      vendor: 'anthropic',
      credential_ref: 'anthropic',
      available: true,
      version: '2',
      problem: null,
    };
    stage = await openStage({
      parts: {
        catalog: {
          agents: async () => [{ name: 'claude-code', harness: 'claude-code', sandbox: 'bubblewrap' }],
          harnesses: async () => [found],
          sandboxProblem: async () => null,
        },
        credentials: {
          held: async () => held,
          async put(credential) {
            given.push(credential);
            const { ref, kind, base_url, source, secret } = credential;
            return { ref, kind, base_url, source, fingerprint: fingerprintOf(secret, sha256) };
          },
        },
      },
    });
    return stage;
  }
  const held = (secret: string): CredentialInfo => ({
    ref: 'anthropic',
    kind: 'api_key',
    base_url: null,
    source: 'ANTHROPIC_API_KEY of `tack up`',
    fingerprint: fingerprintOf(secret, sha256),
  });
  const run = (env: NodeJS.ProcessEnv = {}) => stage.tack(['run', 'x', '-d'], { env });

  it('is missing everywhere: exit 4 with the ways out, and nothing is pushed', async () => {
    await withBroker([]);
    const { code, stderr } = await run();
    expect(code).toBe(4);
    expect(stderr).toMatch(/Set ANTHROPIC_API_KEY \(or ANTHROPIC_AUTH_TOKEN\).*subscription comes later/);
    expect(stderr).not.toContain('Pushing');
    expect(stage.rig.told).toEqual([]);
  });

  it('goes from this terminal to the broker that has none, and the secret is said nowhere', async () => {
    await withBroker([]);
    const { code, stdout, stderr } = await run({ ANTHROPIC_API_KEY: SECRET, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(0);
    expect(given).toMatchObject([
      { ref: 'anthropic', kind: 'api_key', secret: SECRET, base_url: 'http://127.0.0.1:9' },
    ]);
    expect(stderr).toContain('The broker uses ANTHROPIC_API_KEY of this terminal from now on (in its memory only).');
    expect(stdout + stderr + stage.rig.log_lines.join('\n')).not.toContain(SECRET);
  });

  it('stays the one of the broker; that another one stands here is said in one line', async () => {
    await withBroker([held('sk-other')]);
    const differs = await run({ ANTHROPIC_API_KEY: SECRET });
    expect(differs.code).toBe(0);
    expect(differs.stderr.split('\n').filter((line) => line.startsWith('!'))).toEqual([
      expect.stringMatching(
        /The broker goes on with ANTHROPIC_API_KEY of `tack up`, which is not ANTHROPIC_API_KEY of this terminal\./,
      ),
    ]);
    expect(given).toEqual([]);
  });

  it('is not worth a word where both are the same, or where this terminal has none', async () => {
    await withBroker([held(SECRET)]);
    expect((await run({ ANTHROPIC_API_KEY: SECRET })).stderr).not.toMatch(/broker/i);
    expect((await run()).stderr).not.toMatch(/broker/i);
  });
});
