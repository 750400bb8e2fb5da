/** What is recorded: each story plays one turn of the real Claude Code. */
import type { ModelServer } from '../../../src/demo/model-server/server.ts';
import { until } from '../../support/until.ts';
import { story, tag } from '../../integration/harnesses/claude.ts';
import { never, type Rig, type Tamper } from '../../integration/harnesses/rig.ts';

export interface Recording {
  readonly rig: Rig;
  readonly tamper: Tamper;
  readonly model: ModelServer;
}

const agent = (prompt: string) => ({
  name: 'Agent',
  input: { description: 'd', subagent_type: 'general-purpose', prompt },
});
const question = { question: 'Which color?', header: 'Color', multiSelect: false };
const options = [
  { label: 'red', description: 'r' },
  { label: 'blue', description: 'b' },
];

export const STORIES: Readonly<Record<string, (recording: Recording) => Promise<unknown>>> = {
  basic: ({ rig, tamper }) => rig.turn({ tamper, words: tag('basic') }),
  thinking: ({ rig, tamper }) => rig.turn({ tamper, words: tag('text', { think: 'Hm.', text: 'Well.' }) }),
  denied: ({ rig, tamper }) =>
    rig.turn({
      tamper,
      words: story({ say: 'I try.', calls: ['rm -rf /'] }),
      gate: async () => ({ effect: 'deny', reason: 'Not on a Tuesday.' }),
    }),
  parallel: ({ rig, tamper }) => rig.turn({ tamper, words: tag('parallel', { cmds: ['pwd', 'ls', 'cat nothing'] }) }),
  invalid: ({ rig, tamper }) =>
    rig.turn({
      tamper,
      words: story({
        calls: [
          { name: 'Bash', input: { cmd: 'x' } },
          { name: 'NoSuchTool', input: {} },
        ],
      }),
    }),
  'sub-agent': ({ rig, tamper }) =>
    rig.turn({
      tamper,
      words: story({ calls: [agent(`Do it. [[shells {"cmds":["echo sub","sleep 0.2; echo late"]}]]`)] }),
    }),
  background: ({ rig, tamper }) =>
    rig.turn({
      tamper,
      words: story(
        { calls: [{ name: 'Bash', input: { command: 'echo out; sleep 30', run_in_background: true } }] },
        'true',
      ),
    }),
  question: ({ rig, tamper }) =>
    rig.turn({
      tamper,
      words: story({ calls: [{ name: 'AskUserQuestion', input: { questions: [{ ...question, options }] } }] }),
      gate: async () => ({ effect: 'allow', input: { 'Which color?': 'blue' } }),
    }),
  image: ({ rig, tamper }) =>
    rig.turn({ tamper, words: [{ type: 'text', text: tag('text', { text: 'A dot.' }) }, DOT] }),
  retried: ({ rig, tamper }) => rig.turn({ tamper, words: tag('err', { status: 529, times: 1 }) }),
  cut: ({ rig, tamper }) =>
    rig.turn({ tamper, words: tag('cut', { chunks: 4, times: 1, text: 'one two three four' }) }),
  refused: ({ rig, tamper }) => rig.turn({ tamper, words: tag('err', { status: 400, times: 99 }) }),
  async 'interrupted-text'({ rig, tamper, model }) {
    const words = tag('block', { gate: 'text', stage: 'stream', text: 'one two three four' });
    const playing = await rig.play({ tamper, words });
    await model.reached('text');
    await until('words', () => playing.events.some(({ kind }) => kind === 'frame'));
    await playing.session.interrupt();
  },
  async 'interrupted-tool'({ rig, tamper }) {
    const playing = await rig.play({ tamper, words: tag('shell', { cmd: 'echo on >> on.txt; sleep 30' }) });
    await until('the call', () => rig.read('on.txt') !== '');
    await playing.session.interrupt();
  },
  async 'interrupted-question'({ rig, tamper }) {
    const playing = await rig.play({ tamper, words: tag('shell', { cmd: 'true' }), gate: never });
    await until('the call', () => playing.calls.length === 1);
    await playing.session.interrupt();
  },
  async resumed({ rig, tamper }) {
    const words = tag('shells', { cmds: ['echo on >> on.txt; sleep 30', 'true'] });
    const playing = await rig.play({ words });
    await until('the call', () => rig.read('on.txt') !== '');
    await playing.session.suspend();
    await rig.turn({ tamper, words: [], note: 'The session was interrupted and goes on now.' });
  },
};

const DOT = {
  type: 'image' as const,
  media_type: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
};
