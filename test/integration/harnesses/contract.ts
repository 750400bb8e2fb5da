/** What every harness must do, whatever is behind it. One call of `harnessContract` a harness. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { allow, logged, never, textOfResult, type PlayOptions, type Rig } from './rig.ts';

/** How a harness is brought to do something; the words differ, the outcome must not. */
export interface Subject {
  rig(): Rig;
  /** To run shell commands one after the other, and to say DONE. */
  readonly runs: (commands: readonly string[]) => Task;
  /** To say so many words. */
  readonly speaks: (words: number, ms: number) => Task;
  /** To wait in the middle of its words until the test is over. */
  readonly stalls: () => Task;
  /** The second call, in the words of the harness's own transcript, where it keeps one: what is not in it yet the model does not know of. */
  readonly second?: RegExp;
  /** What the model was told, as far as there is one. */
  readonly heard?: () => string;
  readonly close: () => Promise<void>;
}
type Task = Pick<PlayOptions, 'words' | 'script'>;

const COMPLETED = expect.objectContaining({ end: 'completed', stop_reason: 'end_turn' }) as unknown;
const NOTE = 'The session was interrupted and goes on now.';
const GO_ON = 'Go on with the task.';

export function harnessContract(name: string, open: () => Promise<Subject>): void {
  describe(`the harness ${name}`, () => {
    let subject: Subject;
    let rig: Rig;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());
    beforeEach(() => {
      rig = subject.rig();
    });
    afterEach(() => rig.close());
    const effects = () => rig.read('effects.txt');
    const noProcess = () => expect(rig.processes()).toEqual([]);

    it('asks before each call, runs what is allowed, and says how the turn ended', async () => {
      const before: string[] = [];
      const { end, events, calls } = await rig.turn({
        ...subject.runs(['echo one >> effects.txt', 'echo two >> effects.txt; cat effects.txt']),
        async gate({ action }) {
          before.push(effects());
          expect(action).toMatchObject({ kind: 'shell.exec', cwd: '/home/agent/work' });
          return { effect: 'allow' };
        },
      });
      expect(end).toEqual(COMPLETED);
      expect(before).toEqual(['', 'one\n']);
      expect(effects()).toBe('one\ntwo\n');
      const results = logged({ events }, 'agent.tool_result');
      expect(results.map((data) => data['tool_use_id'])).toEqual(calls.map(({ tool_use_id }) => tool_use_id));
      expect(textOfResult(results[1])).toContain('two');
      expect(textOfResult(logged({ events }, 'agent.message').at(-1))).toContain('DONE');
      expect(logged({ events }, 'harness.warned')).toEqual([]);
      noProcess();
    });

    it('does not run what is denied, and tells the reason', async () => {
      const { end, events } = await rig.turn({
        ...subject.runs(['echo one >> effects.txt']),
        gate: async () => ({ effect: 'deny', reason: 'Not on a Tuesday.' }),
      });
      expect(end).toEqual(COMPLETED);
      expect(effects()).toBe('');
      const [result] = logged({ events }, 'agent.tool_result');
      expect(result).toMatchObject({ is_error: true, not_run: expect.any(String) as unknown });
      expect(textOfResult(result)).toContain('Not on a Tuesday.');
      if (subject.heard) expect(subject.heard()).toContain('Not on a Tuesday.');
    });

    it('a gate that breaks is no allow', async () => {
      await rig.turn({
        ...subject.runs(['echo one >> effects.txt']),
        gate: () => Promise.reject(new Error('the judge is out')),
      });
      expect(effects()).toBe('');
    });

    it('waits for a late answer as long as it takes, and then runs the call', async () => {
      const answer = Promise.withResolvers<{ effect: 'allow' }>();
      const playing = await rig.play({ ...subject.runs(['echo one >> effects.txt']), gate: () => answer.promise });
      await until('the call', () => playing.calls.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 3_000)); // the hold itself is what is tried
      expect(effects()).toBe('');
      answer.resolve({ effect: 'allow' });
      expect(await playing.ended).toEqual(COMPLETED);
      expect(effects()).toBe('one\n');
    });

    it('runs nothing while the answer is open, leaves no process when it is suspended, and goes on in a new home from the archive alone', async () => {
      const task = subject.runs(['echo one >> effects.txt', 'echo two >> effects.txt', 'echo three >> effects.txt']);
      let asked = 0;
      const first = await rig.play({ ...task, gate: (call) => (++asked === 1 ? allow(call) : never(call)) });
      await until('the second call', () => first.calls.length === 2);
      expect(rig.processes()).not.toEqual([]);
      rig.archived.state = await first.session.suspend();
      expect(effects()).toBe('one\n');
      noProcess();
      rig.loseHome();
      const words = 'Your call `echo two >> effects.txt` was approved by ann: run exactly it again.';
      const second = await rig.turn({ ...task, words: [], note: `${NOTE}\n${words}\n${GO_ON}` });
      expect(second.end).toEqual(COMPLETED);
      expect(effects()).toBe('one\ntwo\nthree\n');
      expect(second.calls[0]?.action).toEqual(first.calls[1]?.action);
    });

    it('leaves no process when it is suspended before it did anything', async () => {
      const playing = await rig.play({ ...subject.runs(['echo one >> effects.txt']), gate: never });
      rig.archived.state = await playing.session.suspend();
      noProcess();
    });

    it('ends every process of a running call when it is interrupted, and takes the next turn', async () => {
      const playing = await rig.play(
        subject.runs(['echo started >> effects.txt; sleep 4711; echo ended >> effects.txt']),
      );
      await until('the call', () => effects() === 'started\n');
      expect(rig.processes().map(({ command }) => command)).toContain('sleep 4711');
      await playing.session.interrupt();
      noProcess();
      await playing.session.close();
      const next = await rig.turn({ ...subject.runs(['echo next >> effects.txt']), turn_id: 'trn_2' });
      expect(next.end).toEqual(COMPLETED);
      expect(effects()).toBe('started\nnext\n');
    });

    it('withdraws a call that waits when it is interrupted', async () => {
      const playing = await rig.play({ ...subject.runs(['echo one >> effects.txt']), gate: never });
      await until('the call', () => playing.calls.length === 1);
      await playing.session.interrupt();
      noProcess();
      expect(effects()).toBe('');
    });

    it('streams words as they come', async () => {
      const { end, events } = await rig.turn(subject.speaks(40, 5));
      expect(end).toEqual(COMPLETED);
      const deltas = events.filter((event) => event.kind === 'frame' && event.frame.type === 'item.delta');
      expect(deltas.length).toBeGreaterThan(5);
      expect(textOfResult(logged({ events }, 'agent.message')[0])).toContain('word39');
    });

    it.each(['SIGKILL', 'SIGTERM'] as const)('says that it crashed when its process gets a %s', async (signal) => {
      const playing = await rig.play(subject.stalls());
      await until('words', () => playing.events.some(({ kind }) => kind === 'frame'));
      for (const { pid } of rig.processes()) kill(pid, signal);
      expect(await playing.ended).toMatchObject({ end: 'failed', code: 'harness_crashed' });
      await playing.session.close();
      noProcess();
    });

    it('killed while a tool runs, it goes on in a new home: what has a result is not done again', async () => {
      const slow = 'echo two >> effects.txt; sleep 4712';
      const task = subject.runs(['echo one >> effects.txt', slow, 'echo three >> effects.txt']);
      const first = await rig.play(task);
      await until('the second call', () => effects() === 'one\ntwo\n');
      await until('the first result', () => logged(first, 'agent.tool_result').length === 1);
      const { second: inTranscript = /^/ } = subject;
      await until('the second call in the archive', () => inTranscript.test(rig.archived.transcript.toString()));
      for (const { pid } of rig.processes()) kill(pid, 'SIGKILL');
      expect(await first.ended).toMatchObject({ end: 'failed', code: 'harness_crashed' });
      await first.session.close();
      rig.loseHome();
      const words = `Your call \`${slow}\` was started, and its result is unknown: check whether it took effect.`;
      const second = await rig.turn({ ...task, words: [], note: `${NOTE}\n${words}\n${GO_ON}` });
      expect(second.end).toEqual(COMPLETED);
      expect(effects()).toBe('one\ntwo\nthree\n');
      if (subject.heard) expect(subject.heard()).toContain('its result is unknown');
    });

    it('plays a second turn in the same session', async () => {
      await rig.turn(subject.runs(['echo one >> effects.txt']));
      const second = await rig.turn({ ...subject.runs(['echo more >> effects.txt']), turn_id: 'trn_2' });
      expect(second.end).toEqual(COMPLETED);
      expect(effects()).toBe('one\nmore\n');
    });
  });
}

/** One that has ended by itself needs none. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
