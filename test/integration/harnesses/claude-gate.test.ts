/** The gate of the real Claude Code: what it sees, what it stops, and that nothing goes past it. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPolicyFor } from '../../../src/domain/policy/index.ts';
import { AgentConfig } from '../../../src/domain/spec/agent.ts';
import { TOOLS } from '../../../src/harnesses/claude-code/command.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import type { Gate, GateCall } from '../../../src/harnesses/contract.ts';
import { until } from '../../support/until.ts';
import { openClaude, story, tag, type Claude } from './claude.ts';
import { allow, logged, never, openRig, textOfResult, type Playing, type Rig } from './rig.ts';

const COMPLETED = expect.objectContaining({ end: 'completed' }) as unknown;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const deny = async () => ({ effect: 'deny', reason: 'No.' }) as const;
const scriptOf = ({ action }: GateCall): string => (action.kind === 'shell.exec' ? action.script : action.kind);

let claude: Claude;
let rig: Rig;
beforeAll(async () => {
  claude = await openClaude();
});
afterAll(() => claude?.close());
beforeEach(() => {
  rig = claude.rig();
});
afterEach(() => rig.close());
const effects = () => rig.read('effects.txt');
const mine = () => claude.model.requests().filter(({ tag: text }) => text?.includes(rig.place.home));
/** Makes the tag of a test its own, so that its requests are told from those of others. */
const own = (command: string) => `: ${rig.place.home}; ${command}`;

describe('calls of one message', () => {
  // only what reads is run at the same time
  const commands = ['cat a.txt', 'cat b.txt', 'cat c.txt'];
  const words = tag('parallel', { cmds: commands });
  beforeEach(() => {
    for (const name of ['a', 'b', 'c'])
      writeFileSync(join(rig.place.folders.work, `${name}.txt`), `This is ${name}.\n`);
  });
  const said = (playing: Pick<Playing, 'events'>) => logged(playing, 'agent.tool_result').map(textOfResult).toSorted();

  it('are asked about at the same time, and each gets its own answer', async () => {
    const playing = await rig.play({
      words,
      async gate(call) {
        await until('all three calls', () => playing.calls.length === 3);
        return scriptOf(call) === 'cat b.txt' ? deny() : { effect: 'allow' };
      },
    });
    expect(await playing.ended).toEqual(COMPLETED);
    expect(said(playing)).toEqual([expect.stringContaining('No.'), 'This is a.', 'This is c.']);
    const denied = playing.calls.find((call) => scriptOf(call) === 'cat b.txt');
    const results = logged(playing, 'agent.tool_result');
    expect(results.filter((data) => data['is_error']).map((data) => data['tool_use_id'])).toEqual([
      denied?.tool_use_id,
    ]);
  });

  it('that wait when the session is suspended run after it, each once, and those with a result do not run again', async () => {
    const gate: Gate = (call) => (scriptOf(call) === 'cat a.txt' ? allow(call) : never(call));
    const first = await rig.play({ words, gate });
    await until('the calls', () => first.calls.length === 3 && said(first).length === 1);
    rig.archived.state = await first.session.suspend();
    expect(said(first)).toEqual(['This is a.']);
    rig.loseHome();
    const notes = ['b', 'c'].map((x) => `Your call \`cat ${x}.txt\` was approved by ann: run exactly it again.`);
    const second = await rig.turn({ words: [], note: notes.join('\n') });
    expect(second.end).toEqual(COMPLETED);
    expect(said(second)).toEqual(['This is b.', 'This is c.']);
    expect(second.calls.map(({ action }) => action).toSorted()).toEqual(
      first.calls
        .slice(1)
        .map(({ action }) => action)
        .toSorted(),
    );
  });
});

describe('a sub-agent', () => {
  const spawn = (cmds: readonly string[], more = {}) => ({
    name: 'Agent',
    input: {
      description: 'd',
      subagent_type: 'general-purpose',
      prompt: `Do it. [[shells ${JSON.stringify({ cmds })}]]`,
      ...more,
    },
  });

  it('has its calls asked about, and the turn lasts until it is done', async () => {
    const sub = [own('echo sub >> effects.txt'), own('sleep 0.5; echo late >> effects.txt')];
    const { end, events, calls } = await rig.turn({
      words: story({ calls: [spawn(sub)] }, own('echo main >> effects.txt')),
    });
    expect(calls.map(({ action }) => action.kind)).toEqual(expect.arrayContaining(['agent.spawn', 'shell.exec']));
    expect(calls.map(scriptOf).toSorted()).toEqual(
      ['agent.spawn', ...[...sub, own('echo main >> effects.txt')].toSorted()].toSorted(),
    );
    expect(effects()).toContain('late');
    expect(logged({ events }, 'agent.tool_result').some((data) => data['parent_tool_use_id'])).toBe(true);
    const sent = mine().flatMap(({ usage }) => usage ?? []);
    const total = (name: keyof (typeof sent)[number]) => sent.reduce((sum, usage) => sum + usage[name], 0);
    expect(end).toMatchObject({
      end: 'completed',
      usage: {
        input: total('input_tokens'),
        output: total('output_tokens'),
        cache_read: total('cache_read_input_tokens'),
        cache_write: total('cache_creation_input_tokens'),
      },
    });
  });

  it('does not run what is denied to it', async () => {
    const { end } = await rig.turn({
      words: story({ calls: [spawn(['echo sub >> effects.txt'])] }),
      gate: async (call) => (call.action.kind === 'shell.exec' ? deny() : { effect: 'allow' }),
    });
    expect(end).toEqual(COMPLETED);
    expect(effects()).toBe('');
  });

  it('ends with the session when it is suspended', async () => {
    const playing = await rig.play({
      words: story({ calls: [spawn(['echo sub >> effects.txt; sleep 4713; echo late >> effects.txt'])] }, 'true'),
    });
    await until('the sub-agent', () => rig.processes().some(({ command }) => command === 'sleep 4713'));
    await playing.session.suspend();
    expect(rig.processes()).toEqual([]);
    expect(effects()).toBe('sub\n');
  });
});

describe('a command in the background', () => {
  it('says so in its action, can be read while it runs, and ends with the session', async () => {
    const command = 'echo out; echo started >> effects.txt; sleep 4714';
    const { end, events, calls } = await rig.turn({
      words: story(
        { calls: [{ name: 'Bash', input: { command, run_in_background: true } }] },
        'until [ -s effects.txt ]; do sleep 0.05; done',
        { calls: [{ name: 'Read', input: { file_path: '{{written to: (\\S+\\.output)}}' } }] },
      ),
    });
    expect(end).toEqual(COMPLETED);
    expect(calls[0]?.action).toMatchObject({ kind: 'shell.exec', background: true });
    expect(calls[2]?.action).toMatchObject({ kind: 'file.read', paths: [expect.stringMatching(/^\/tmp\//)] });
    expect(textOfResult(logged({ events }, 'agent.tool_result')[2])).toContain('out');
    expect(rig.processes()).toEqual([]);
  });
});

describe('questions and plans', () => {
  const question = { question: 'Which color?', header: 'Color', multiSelect: false };
  const options = [
    { label: 'red', description: 'r' },
    { label: 'blue', description: 'b' },
  ];
  const ask = { name: 'AskUserQuestion', input: { questions: [{ ...question, options }] } };

  it.each([{ 'Which color?': 'blue' }, 'blue'])(
    'a question is asked once, and the answer %j reaches the model',
    async (input) => {
      const { events, calls } = await rig.turn({
        words: story({ calls: [ask] }),
        gate: async () => ({ effect: 'allow', input }),
      });
      expect(calls.map(({ action }) => action)).toEqual([
        { kind: 'question.ask', cwd: '/home/agent/work', questions: [{ ...question, options }] },
      ]);
      expect(textOfResult(logged({ events }, 'agent.tool_result')[0])).toContain('"Which color?"="blue"');
    },
  );

  it('a plan is proposed with its text, and its digest does not depend on the file that it lies in', async () => {
    const plan = '1. Mend it.\n';
    const words = story(
      { calls: [{ name: 'EnterPlanMode', input: {} }] },
      {
        calls: [{ name: 'Write', input: { file_path: '{{/home/agent/\\.claude/plans/[\\w-]+\\.md}}', content: plan } }],
      },
      { calls: [{ name: 'ExitPlanMode', input: {} }] },
      'echo built >> effects.txt',
    );
    const kinds = ['plan.update', 'plan.update', 'plan.propose', 'shell.exec'];
    const first = await rig.turn({ words });
    expect(first.calls.map(({ action }) => action.kind)).toEqual(kinds);
    expect(first.calls[2]?.input).toMatchObject({ plan });
    expect(effects()).toBe('built\n');
    rig = claude.rig();
    const second = await rig.turn({ words });
    expect(second.calls[2]?.action).toEqual(first.calls[2]?.action);
  });
});

describe('an ordinary turn', () => {
  it('asks nothing that the shipped policy allows, whatever tools it uses', async () => {
    const { judge } = createPolicyFor({ sha256 })(AgentConfig.parse({ name: 'a', harness: 'claude-code' }));
    const file_path = '/home/agent/work/a.txt';
    const notebook = JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });
    const judged: string[] = [];
    const { end, events } = await rig.turn({
      words: story(
        'ls; git status; echo one > a.txt',
        { calls: [{ name: 'Read', input: { file_path } }, 'cat a.txt', 'grep -rn one .; find . -name "*.txt"'] },
        { calls: [{ name: 'Edit', input: { file_path, old_string: 'one', new_string: 'two' } }] },
        { calls: [{ name: 'Write', input: { file_path: '/home/agent/work/n.ipynb', content: notebook } }] },
        { calls: [{ name: 'Read', input: { file_path: '/home/agent/work/n.ipynb' } }] },
        {
          calls: [
            {
              name: 'NotebookEdit',
              input: {
                notebook_path: '/home/agent/work/n.ipynb',
                new_source: '1',
                edit_mode: 'insert',
                cell_type: 'code',
              },
            },
          ],
        },
        { calls: [{ name: 'ToolSearch', input: { query: 'select:TaskCreate,TaskUpdate,TaskList,TaskGet' } }] },
        { calls: [{ name: 'TaskCreate', input: { subject: 's', description: 'd' } }] },
        {
          calls: [
            { name: 'TaskUpdate', input: { taskId: '1', status: 'completed' } },
            { name: 'TaskList', input: {} },
            { name: 'TaskGet', input: { taskId: '1' } },
          ],
        },
        { calls: [{ name: 'Skill', input: { skill: 'simplify' } }] },
        { calls: [{ name: 'Bash', input: { command: 'echo bg; sleep 60', run_in_background: true } }] },
        { calls: [{ name: 'Read', input: { file_path: '{{written to: (\\S+\\.output)}}' } }] },
        { calls: [{ name: 'TaskStop', input: { task_id: '{{background with ID: (\\w+)}}' } }] },
        {
          calls: [
            { name: 'Agent', input: { description: 'd', subagent_type: 'Explore', prompt: '[[shell {"cmd":"ls"}]]' } },
          ],
        },
      ),
      async gate({ action }) {
        judged.push(judge(action, []).effect);
        return { effect: 'allow' };
      },
    });
    expect(end).toEqual(COMPLETED);
    expect(judged).toEqual(Array.from({ length: judged.length }, () => 'allow'));
    expect(judged).toHaveLength(19);
    const failed = logged({ events }, 'agent.tool_result').filter((data) => data['is_error']);
    expect(failed.map(textOfResult)).toEqual([]);
  });
});

describe('the list of tools', () => {
  it('is the closed one: the model is offered nothing else', async () => {
    let offered: readonly string[] = [];
    const out = (line: string) => {
      const said = JSON.parse(line) as { type: string; subtype?: string; tools: string[] };
      if (said.type === 'system' && said.subtype === 'init') offered = said.tools;
      return line;
    };
    await rig.turn({ words: story(own('true')), tamper: { out } });
    expect([...offered].toSorted()).toEqual([...TOOLS].toSorted());
    const known = new Set([...TOOLS, 'Agent', 'DeferredToolPlaceholder']);
    expect(mine()[0]?.tools.filter((name) => !known.has(name))).toEqual([]);
  });

  it('what is not in it, or makes no sense, does not run, and is told from what ran', async () => {
    const { end, events, calls } = await rig.turn({
      words: tag('tools', {
        calls: [
          { name: 'WebFetch', input: { url: 'https://example.org', prompt: 'x' } },
          { name: 'Bash', input: { cmd: 'echo one >> effects.txt' } },
          { name: 'NoSuchTool', input: {} },
        ],
      }),
    });
    expect(end).toEqual(COMPLETED);
    expect(calls).toEqual([]);
    expect(logged({ events }, 'agent.tool_result')).toMatchObject([
      { is_error: true, not_run: 'invalid', name: 'WebFetch' },
      { is_error: true, not_run: 'invalid', name: 'Bash' },
      { is_error: true, not_run: 'invalid', name: 'NoSuchTool' },
    ]);
    expect(effects()).toBe('');
  });
});

describe('the gate holds', () => {
  const runs = tag('shell', { cmd: 'echo one >> effects.txt' });
  const isAnswer = (line: string) => line.includes('"control_response"');

  it('when an answer comes after the time-out of the hook: the call did not run, and does not run then', async () => {
    const late = Promise.withResolvers<{ effect: 'allow' }>();
    const shorter = (line: string) => line.replace('"timeout":86400', '"timeout":1');
    const playing = await rig.play({ words: runs, gate: () => late.promise, tamper: { in: shorter } });
    await until('the end of the turn', () => playing.events.at(-1)?.kind === 'end');
    late.resolve({ effect: 'allow' });
    expect(await playing.ended).toEqual(COMPLETED);
    await playing.session.close();
    expect(effects()).toBe('');
    expect(logged(playing, 'agent.tool_result')).toMatchObject([{ is_error: true }]);
  });

  const instead = (answer: unknown) => (line: string) => {
    if (!isAnswer(line) || !line.includes('permissionDecision')) return line;
    const said = JSON.parse(line) as { response: object };
    return JSON.stringify({ ...said, response: { ...said.response, response: answer } });
  };

  it.each([
    ['an empty answer', {}],
    [
      'an answer that it does not know',
      { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'maybe' } },
    ],
  ])('when the hook gets %s', async (_, answer) => {
    const { calls, events } = await rig.turn({
      words: tag('shell', { cmd: 'pwd' }),
      gate: deny,
      tamper: { in: instead(answer) },
    });
    expect(calls).toHaveLength(1);
    expect(logged({ events }, 'agent.tool_result')).toMatchObject([{ is_error: true, not_run: 'permission-rule' }]);
  });

  it('control: without the second latch an empty answer lets the call run, and only the tripwire sees it', async () => {
    const argv = (words: readonly string[]) => words.map((word) => (word.startsWith('{"permissions"') ? '{}' : word));
    const tamper = { in: instead({}), argv };
    const playing = await rig.play({ words: tag('shell', { cmd: 'pwd' }), gate: deny, tamper });
    expect(await playing.ended).toMatchObject({ end: 'failed', code: 'gate_bypassed' });
  });

  it('when the harness runs what was denied: the tripwire ends the process and the turn, and says so', async () => {
    const lie = (line: string) =>
      isAnswer(line)
        ? line
            .replace('"permissionDecision":"deny"', '"permissionDecision":"allow"')
            .replace('"behavior":"deny"', '"behavior":"allow","updatedInput":{"command":"echo one >> effects.txt"}')
        : line;
    const playing = await rig.play({ words: runs, gate: deny, tamper: { in: lie } });
    expect(await playing.ended).toMatchObject({ end: 'failed', code: 'gate_bypassed' });
    expect(effects()).toBe('one\n'); // it did run: what was tried is real
    expect(logged(playing, 'gate.bypassed')).toMatchObject([
      { what: expect.stringContaining('toolu_') as unknown, evidence: { tool_use_id: playing.calls[0]?.tool_use_id } },
    ]);
    await playing.session.close();
    expect(rig.processes()).toEqual([]);
  });

  it('with --bare the hook is never called, and the second latch asks', async () => {
    const argv = ([binary = '', ...words]: readonly string[]) => [binary, '--bare', ...words];
    const { calls } = await rig.turn({ words: runs, gate: deny, tamper: { argv } });
    expect(calls.map(scriptOf)).toEqual(['echo one >> effects.txt']);
    expect(effects()).toBe('');
  });
});

describe('the protocol', () => {
  it('carries line separators, emoji and a large argument both ways', async () => {
    const { end, events } = await rig.turn({ words: tag('unicode', { bytes: 100_000 }) });
    expect(end).toEqual(COMPLETED);
    expect(textOfResult(logged({ events }, 'agent.message')[0])).toBe('a\u2028b\u2029c 🐎');
    expect(textOfResult(logged({ events }, 'agent.tool_result')[0])).toBe('100000');
  });

  it('answers an unknown request with an error, and wonders once about what it does not know', async () => {
    const replies: string[] = [];
    let injected = false;
    const strange = [
      '{"type":"control_request","request_id":"zz","request":{"subtype":"future"}}',
      '{"type":"future"}',
      '{"type":"future"}',
      'no JSON at all',
    ];
    const { end, events } = await rig.turn({
      words: tag('shell', { cmd: 'true' }),
      tamper: {
        in: (line) => (line.includes('"zz"') && replies.push(line), line),
        out: (line) =>
          line.includes('"type":"assistant"') && !injected ? ((injected = true), [...strange, line].join('\n')) : line,
      },
    });
    expect(end).toEqual(COMPLETED);
    expect(replies).toHaveLength(1);
    expect(JSON.parse(replies[0] ?? '')).toMatchObject({ response: { subtype: 'error', request_id: 'zz' } });
    expect(logged({ events }, 'harness.warned')).toMatchObject([
      { code: 'unknown_message' },
      { code: 'unknown_message' },
    ]);
  });

  it('says once that another version was not tried', async () => {
    const other = (line: string) => line.replace(/"claude_code_version":"[^"]*"/, '"claude_code_version":"9.9.9"');
    const { end, events } = await rig.turn({ words: tag('shell', { cmd: 'true' }), tamper: { out: other } });
    expect(end).toEqual(COMPLETED);
    expect(logged({ events }, 'harness.warned')).toEqual([
      { code: 'version_unproven', text: expect.stringContaining('9.9.9') as unknown },
    ]);
  });

  it('brings the instructions of the agent to the model, also long ones', async () => {
    const instructions = `Speak like a pirate. ${'x'.repeat(200_000)}`;
    const before = claude.model.bodies().length;
    await rig.turn({ words: tag('text', { text: 'Aye.' }), instructions });
    expect(claude.model.bodies().slice(before)[0]).toContain(instructions);
  });

  it('says what went wrong with the model, and the next turn goes on', async () => {
    const failing = tag('err', { status: 400, times: 100 });
    const { end } = await rig.turn({ words: failing });
    expect(end).toMatchObject({
      end: 'failed',
      code: 'model_failed',
      message: expect.stringContaining('400') as unknown,
    });
    const next = await rig.turn({ words: tag('err', { status: 529, times: 1 }), turn_id: 'trn_2' });
    expect(next.end).toEqual(COMPLETED);
    expect(logged(next, 'harness.warned')).toMatchObject([
      { code: 'model_retry', text: expect.stringContaining('529') as unknown },
    ]);
  });

  it('asks the way out for nothing but messages', () => {
    expect(claude.model.requests().length).toBeGreaterThan(20);
    expect(claude.model.strays()).toEqual([]);
  });
});

describe('a claude that does not work', () => {
  it.each([
    ['ends at once', 'echo "no such library" >&2; exit 7', /exit 7.*no such library/],
    [
      'refuses the hook',
      `read -r line; echo '{"type":"control_response","response":{"subtype":"error","request_id":"tack-1","error":"unknown hook"}}'; exec cat`,
      /unknown hook/,
    ],
  ])('is said in its own words when it %s, and leaves nothing', async (_, script, words) => {
    const folder = mkdtempSync(join(tmpdir(), 'tack-broken-'));
    chmodSync(folder, 0o755); // whoever runs it inside must get there
    const binary = join(folder, 'claude');
    writeFileSync(binary, `#!/bin/sh\n[ "$1" = --version ] && { echo "2.1.330 (Claude Code)"; exit; }\n${script}\n`, {
      mode: 0o755,
    });
    const broken = openRig(createClaudeCode({ binary, path: '' }), async () => null);
    await expect(broken.play({ words: 'Hi' })).rejects.toThrow(words);
    expect(broken.processes()).toEqual([]);
    await broken.close();
    rmSync(folder, { recursive: true });
  });
});

describe('without a sandbox', () => {
  it('works the same in the places of the host', async () => {
    rig = claude.rig('none');
    const { end, calls } = await rig.turn({ words: tag('shells', { cmds: ['echo one >> effects.txt', 'cd /; pwd'] }) });
    expect(end).toEqual(COMPLETED);
    expect(calls[0]?.action.cwd).toBe(rig.place.folders.work);
    expect(effects()).toBe('one\n');
    expect(rig.processes()).toEqual([]);
  });
});
