/** The scripted model server does what its tags say, and keeps nothing: each test may ask another instance. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../../../src/demo/model-server/server.ts';
import { lastTag } from '../../../src/demo/model-server/tag.ts';

interface Block {
  readonly type: string;
  readonly [field: string]: unknown;
}
interface Said {
  readonly content: Block[];
  readonly stop_reason: string;
  readonly usage: Readonly<Record<string, number>>;
}
type Message = { readonly role: 'user' | 'assistant'; readonly content: string | readonly Block[] };
interface Stream {
  readonly status: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly broken: boolean;
}

let server: ModelServer;
beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.close());

const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const post = (messages: readonly Message[], more: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal) =>
  fetch(`${server.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'x-api-key': 'placeholder' },
    body: JSON.stringify({ model: 'm', tools: [{ name: 'Bash' }], messages, ...more }),
    ...(signal && { signal }),
  });
const ask = async (...messages: readonly Message[]): Promise<Said> => (await post(messages)).json() as Promise<Said>;

/** The answer and the results of its calls, as a harness sends them back. */
const answered = (said: Said, results: readonly string[] = []): Message[] => [
  { role: 'assistant', content: said.content },
  {
    role: 'user',
    content: callsOf(said).map(({ id }, n) => ({ type: 'tool_result', tool_use_id: id, content: results[n] ?? 'ok' })),
  },
];
const callsOf = (said: Said) => said.content.filter(({ type }) => type === 'tool_use');
const inputsOf = (said: Said) => callsOf(said).map(({ name, input }) => [name, input]);
const textOf = (said: Said) => said.content.find(({ type }) => type === 'text')?.['text'];

/** Plays a scenario to its end, each step on a server of its own. */
async function play(tag: string, results: readonly string[] = []): Promise<Said[]> {
  const messages: Message[] = [user(tag)];
  const all: Said[] = [];
  for (;;) {
    const said = await ask(...messages);
    all.push(said);
    if (callsOf(said).length === 0) return all;
    messages.push(...answered(said, results));
    await server.close();
    server = await startModelServer();
  }
}
const commands = (all: readonly Said[]) =>
  all.map((said) => callsOf(said).map(({ input }) => (input as { command?: string }).command));

async function stream(messages: readonly Message[]): Promise<Stream> {
  const answer = await post(messages, { stream: true });
  let text = '';
  let broken = false;
  try {
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) text += part;
  } catch {
    broken = true;
  }
  const data = text.split('\n').filter((line) => line.startsWith('data: '));
  return {
    status: answer.status,
    broken,
    events: data.map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>),
  };
}

describe('a tag', () => {
  it.each([
    ['[[text {"text":"hi"}]]', { name: 'text', args: { text: 'hi' } }],
    ['a [[basic]] b', { name: 'basic', args: {} }],
    ['[[a]] and [[b {"x":"]] }"}]]', { name: 'b', args: { x: ']] }' } }],
    ['[[tools {"prompt":"Do it. [[shell {\\"cmd\\":\\"a\\"}]]"}]]', { name: 'tools' }],
  ])('in %s', (text, tag) => expect(lastTag(text)).toMatchObject(tag));
  it.each(['', 'none', '[[no json {]]', '[[unfinished {"a":1}', '[[9]]'])('is not in %j', (text) =>
    expect(lastTag(text)).toBeNull(),
  );
});

describe('a scenario', () => {
  it.each([
    ['[[text {"text":"hi"}]]', [[]], 'hi'],
    ['[[shell {"cmd":"a"}]]', [['a'], []], 'DONE'],
    ['[[shells {"cmds":["a","b"]}]]', [['a'], ['b'], []], 'DONE'],
    ['[[repeat {"cmd":"a","n":3}]]', [['a'], ['a'], ['a'], []], 'DONE'],
    ['[[parallel {"cmds":["a","b"]}]]', [['a', 'b'], []], 'DONE'],
    ['[[slowtext {"n":3,"ms":0}]]', [[]], 'word0 word1 word2'],
    ['[[slowshell {"s":1}]]', [['echo started >> slow.txt; sleep 1; echo ended >> slow.txt'], []], 'DONE'],
    [
      '[[waitfile {"path":"go"}]]',
      [["echo started >> wait.txt; until [ -e 'go' ]; do sleep 0.05; done; echo ended >> wait.txt"], []],
      'DONE',
    ],
    ['[[unknown]]', [[]], 'Nothing was asked of me in words that I know.'],
    ['no tag', [[]], 'Nothing was asked of me in words that I know.'],
  ])('%s, whichever instance is asked', async (tag, steps, last) => {
    const all = await play(tag);
    expect(commands(all)).toEqual(steps);
    expect(textOf(all.at(-1)!)).toBe(last);
  });

  it.each([
    ['[[read {"path":"/a"}]]', [['Read', { file_path: '/a' }]]],
    ['[[write {"path":"/a","content":"x"}]]', [['Write', { file_path: '/a', content: 'x' }]]],
    [
      '[[edit {"path":"/a","old":"x","new":"y"}]]',
      [
        ['Read', { file_path: '/a' }],
        ['Edit', { file_path: '/a', old_string: 'x', new_string: 'y' }],
      ],
    ],
    ['[[tools {"calls":[{"name":"Skill","input":{"skill":"s"}}]}]]', [['Skill', { skill: 's' }]]],
    [
      '[[basic {"cwd":"/w"}]]',
      [
        ['Bash', { command: 'echo hello; pwd', description: 'scripted' }],
        ['Write', { file_path: '/w/basic.txt', content: 'basic\n' }],
      ],
    ],
  ])('%s calls the tools that it names', async (tag, calls) => {
    expect((await play(tag)).flatMap(inputsOf)).toEqual(calls);
  });

  it('has its step in the ids of its calls, and counts usage by it', async () => {
    const all = await play('[[shells {"cmds":["a","b"]}]]');
    expect(all.map((said) => said.usage)).toMatchObject([
      { input_tokens: 1000, output_tokens: 50, cache_read_input_tokens: 200, cache_creation_input_tokens: 300 },
      { input_tokens: 1100, output_tokens: 51 },
      { input_tokens: 1200, output_tokens: 52 },
    ]);
    expect(callsOf(all[1]!)[0]?.['id']).toMatch(/^toolu_q[0-9a-f]{8}s1n0x/);
    expect((await ask(user('[[usage {"input":7,"output":8,"cacheRead":0,"cacheWrite":0}]]'))).usage).toEqual({
      input_tokens: 7,
      output_tokens: 8,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    });
  });

  it('is not disturbed by the results of an earlier one in the same message', async () => {
    const first = await ask(user('[[shell {"cmd":"a"}]]'));
    const [assistant, results] = answered(first) as [Message, Message];
    const mixed = {
      role: 'user' as const,
      content: [...(results.content as Block[]), { type: 'text', text: '[[shells {"cmds":["b","c"]}]]' }],
    };
    expect(commands([await ask(user('[[shell {"cmd":"a"}]]'), assistant, mixed)])).toEqual([['b']]);
  });

  it('goes past an orphaned call, as a model that checked would', async () => {
    const first = await ask(user('[[shells {"cmds":["a","b"]}]]'));
    expect(commands([await ask(user('[[shells {"cmds":["a","b"]}]]'), ...answered(first, ['unknown']))])).toEqual([
      ['b'],
    ]);
  });
});

describe('a story', () => {
  const job = JSON.stringify({
    steps: [
      { say: 'I look.', calls: [{ name: 'Read', input: { file_path: '/a' } }] },
      'npm test',
      { calls: ['x', { name: 'Read', input: { file_path: '{{see (\\S+\\.txt)}}' } }] },
      { say: 'It passes.' },
      'never',
    ],
  });

  it('speaks and calls step by step, puts in what results told, and ends with a step without calls', async () => {
    const all = await play(`[[story ${job}]]`, ['see /tmp/one.txt, see /tmp/two.txt']);
    expect(all.map(textOf)).toEqual(['I look.', undefined, undefined, 'It passes.']);
    expect(all.map(inputsOf)).toMatchObject([
      [['Read', { file_path: '/a' }]],
      [['Bash', { command: 'npm test' }]],
      [
        ['Bash', { command: 'x' }],
        ['Read', { file_path: '/tmp/two.txt' }],
      ],
      [],
    ]);
  });

  it('twenty mixed calls have twenty ids', async () => {
    const steps = Array.from({ length: 5 }, (_, n) => ({
      calls: Array.from({ length: 4 }, (__, m) => `echo ${n}${m}`),
    }));
    const all = await play(`[[story ${JSON.stringify({ steps })}]]`);
    expect(new Set(all.flatMap(callsOf).map(({ id }) => id)).size).toBe(20);
  });
});

describe('a note that says what to run again', () => {
  const tag =
    '[[story {"steps":["echo one",{"calls":["echo two","echo `date`\\necho three",{"name":"ExitPlanMode","input":{}}]},"echo four"]}]]';
  const note = (...titles: string[]) =>
    user(titles.map((title) => `Your call \`${title}\` was approved by ann: run exactly it again.`).join('\n'));
  const upTo = async (): Promise<Message[]> => {
    const first = await ask(user(tag));
    return [user(tag), ...answered(first)];
  };

  it('brings those calls again, alone: whether the lost ones are in the transcript or not', async () => {
    const lost = await upTo();
    const known = [...lost, ...answered(await ask(...lost), ['interrupted', 'interrupted', 'interrupted'])];
    for (const messages of [lost, known]) {
      expect(commands([await ask(...messages, note('echo two'))])).toEqual([['echo two']]);
      expect(commands([await ask(...messages, note('echo `date`\necho three', 'echo two'))])).toEqual([
        ['echo two', 'echo `date`\necho three'],
      ]);
      expect(inputsOf(await ask(...messages, note('ExitPlanMode')))).toEqual([['ExitPlanMode', {}]]);
    }
  });

  it('that also says what was not run brings the calls beside them, but for those that it names', async () => {
    const cut = '[Tool call interrupted: its outcome is unknown.]';
    const known = [...(await upTo()), ...answered(await ask(...(await upTo())), [cut, cut, 'It ran.'])];
    const words = (about: string) =>
      user(`Your call \`echo two\` was ${about}\nNo other call of yours without a result was run.`);
    expect(commands([await ask(...known, words('approved by ann: run exactly it again.'))])).toEqual([
      ['echo two', 'echo `date`\necho three'],
    ]);
    expect(commands([await ask(...known, words('refused by ann.'))])).toEqual([['echo `date`\necho three']]);
    const again = await ask(...known, words('approved by ann: run exactly it again.'));
    const second = [...known, words('approved by ann: run exactly it again.'), ...answered(again, ['It ran.', cut])];
    const refusal = user(
      'Your call `echo `date`\necho three` was refused.\nNo other call of yours without a result was run.',
    );
    expect(commands([await ask(...second, refusal)])).toEqual([['echo four']]); // what was cut off before has run since
  });

  it('does not bring a call that was refused between two that were approved', async () => {
    const answers = [
      'Your call `echo two` was approved by ann: run exactly it again.',
      'Your call `echo `date`\necho three` was refused by ann: No.',
      'Your call `ExitPlanMode` was approved by ann: run exactly it again.',
    ];
    expect(inputsOf(await ask(...(await upTo()), user(answers.join('\n'))))).toMatchObject([
      ['Bash', { command: 'echo two' }],
      ['ExitPlanMode', {}],
    ]);
  });

  it('is heard once: then the scenario goes on', async () => {
    const messages = [...(await upTo()), note('echo two')];
    const again = await ask(...messages);
    expect(commands([await ask(...messages, ...answered(again))])).toEqual([['echo four']]);
  });

  it('a call that was refused does not come again', async () => {
    const lost = await upTo();
    const known = [...lost, ...answered(await ask(...lost), ['interrupted'])];
    expect(commands([await ask(...known, user('Your call `echo two` was refused by ann: no.'))])).toEqual([
      ['echo four'],
    ]);
  });
});

describe('a stream', () => {
  it('is that of the Messages API', async () => {
    const { status, events } = await stream([user('[[text {"think":"Hm.","text":"Well."}]]')]);
    expect(status).toBe(200);
    expect(events.map(({ type, delta }) => (delta as Block | undefined)?.type ?? type)).toEqual([
      'message_start',
      ...['content_block_start', 'thinking_delta', 'signature_delta', 'content_block_stop'],
      ...['content_block_start', 'text_delta', 'content_block_stop'],
      'message_delta',
      'message_stop',
    ]);
  });

  it('stops in the middle of its words until the gate is released, each time that it is asked', async () => {
    const words = [user('[[block {"gate":"g","stage":"stream","text":"one two three four"}]]')];
    const seen: string[] = [];
    const abort = new AbortController();
    const answer = await post(words, { stream: true }, abort.signal);
    const reading = (async () => {
      for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) seen.push(part);
    })().catch(() => undefined);
    await server.reached('g');
    expect(seen.join('')).not.toContain('four');
    abort.abort();
    await reading;
    const second = stream(words);
    await server.reached('g', 2);
    server.release('g');
    expect(JSON.stringify((await second).events)).toContain('four');
    expect(server.requests().map(({ ended }) => ended)).toEqual(['aborted', 'whole']);
  });

  it.each([
    ['err', { status: 529, times: 2 }, 529],
    ['err', { status: 429, after: 3, times: 2 }, 429],
  ])('%s %j fails as often as it says, then goes on', async (name, args, status) => {
    const words = user(`[[${name} ${JSON.stringify(args)}]]`);
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await post([words])).status);
    expect(statuses).toEqual([status, status, 200]);
    if ('after' in args)
      expect((await post([user(`[[${name} ${JSON.stringify({ ...args, x: 1 })}]]`)])).headers.get('retry-after')).toBe(
        '3',
      );
  });

  it('can break: by an error in it, and by a cut connection', async () => {
    const error = [user('[[sseerr]]')];
    expect((await stream(error)).events.at(-1)).toMatchObject({ type: 'error' });
    expect((await stream(error)).events.at(-1)).toMatchObject({ type: 'message_stop' });
    const cut = [user('[[cut {"chunks":4,"text":"one two three"}]]')];
    expect(await stream(cut)).toMatchObject({
      broken: true,
      events: expect.objectContaining({ length: 4 }) as unknown,
    });
    expect((await stream(cut)).broken).toBe(false);
  });

  it('waits with pings, or before its headers', async () => {
    expect((await stream([user('[[hold {"stage":"ping","ms":10}]]')])).events[1]).toEqual({ type: 'ping' });
    expect((await stream([user('[[hold {"stage":"headers","ms":10}]]')])).status).toBe(200);
  });
});

describe('the record', () => {
  it('has what was asked, what was said, and whose key it was, but no key', async () => {
    const first = await ask(user('[[shell {"cmd":"a"}]]'));
    await ask(user('[[shell {"cmd":"a"}]]'), ...answered(first, ['out']));
    const [one, two] = server.requests();
    expect(one).toMatchObject({
      n: 0,
      tag: '[[shell {"cmd":"a"}]]',
      step: 0,
      tools: ['Bash'],
      calls: [{ name: 'Bash' }],
      status: 200,
      ended: 'whole',
    });
    expect(two).toMatchObject({ n: 1, step: 1, calls: [], results: { [String(callsOf(first)[0]?.['id'])]: 'out' } });
    expect(one?.credential).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(server.requests())).not.toContain('placeholder');
  });

  it('knows strays, and survives a body that is no JSON', async () => {
    await expect(fetch(`${server.url}/v1/messages`, { method: 'POST', body: '{' })).rejects.toThrow();
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(200);
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    expect(server.strays()).toEqual(['GET /v1/models', 'GET /nothing']);
    expect((await ask(user('[[text {"text":"still here"}]]'))).stop_reason).toBe('end_turn');
  });
});

describe('as a process of its own', () => {
  it('says its address, is controlled over HTTP, and leaves its record', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tack-model-'));
    const record = join(folder, 'record.jsonl');
    const main = fileURLToPath(new URL('../../../src/demo/model-server/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--record', record], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const url = line.toString().trim();
      const body = JSON.stringify({
        model: 'm',
        tools: [{ name: 'Bash' }],
        messages: [user('[[block {"gate":"g"}]]')],
      });
      const held = fetch(`${url}/v1/messages`, { method: 'POST', body });
      await fetch(`${url}/control/reached/g`);
      await fetch(`${url}/control/release/g`);
      expect((await held).status).toBe(200);
      expect(await (await fetch(`${url}/control/requests`)).json()).toMatchObject([{ ended: 'whole' }]);
      expect(
        readFileSync(record, 'utf8')
          .trim()
          .split('\n')
          .map((each) => JSON.parse(each) as unknown),
      ).toMatchObject([
        { n: 0, ended: 'open' },
        { n: 0, ended: 'whole' },
      ]);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
