/** What every harness must do, whatever is behind it. One call of `harnessContract` a harness. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type {
  Gate,
  GateCall,
  Harness,
  HarnessEvent,
  HarnessSession,
  ResumeState,
} from '../../../src/harnesses/contract.ts';
import { until } from '../../support/until.ts';
import { aPlace, processesWith, type Place } from '../sandbox/place.ts';

/** How a harness is brought to run shell commands one after the other, and to say DONE. */
export interface Subject {
  readonly harness: Harness;
  readonly endpoint_dir: (place: Place) => Promise<string | null>;
  /** The script for `start`, and the words of the first turn. */
  readonly runs: (commands: readonly string[]) => { readonly script: string | null; readonly words: string };
  readonly speaks: (words: number) => { readonly script: string | null; readonly words: string };
  /** What the model was told, as far as there is one. */
  readonly heard?: () => string;
  readonly close: () => Promise<void>;
}

interface Archived {
  state: ResumeState;
  transcript: Buffer;
}
interface Played {
  readonly session: HarnessSession;
  readonly events: HarnessEvent[];
  readonly calls: GateCall[];
  readonly ended: Promise<HarnessEvent | undefined>;
}

const COMPLETED = {
  kind: 'end',
  end: expect.objectContaining({ end: 'completed', stop_reason: 'end_turn' }) as unknown,
};

export function harnessContract(name: string, open: () => Promise<Subject>): void {
  describe(`the harness ${name}`, () => {
    let subject: Subject;
    let place: Place;
    let archived: Archived;
    const sessions: HarnessSession[] = [];

    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());
    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.close();
      place.remove();
    });

    async function play(
      task: { readonly script: string | null; readonly words: string },
      gate: Gate,
      again: { readonly note: string; readonly words?: string; readonly turn_id?: string } | null = null,
    ): Promise<Played> {
      if (!again) {
        place = aPlace();
        archived = { state: {}, transcript: Buffer.alloc(0) };
      }
      const session = await subject.harness.start({
        session_id: 'ses_1',
        sandbox: place.sandbox,
        folders: place.folders,
        endpoint_dir: await subject.endpoint_dir(place),
        base_objects: null,
        model: subject.harness.manifest.default_model,
        instructions: null,
        script: task.script,
        resume: again ? archived : null,
        archive: async (offset, bytes) => {
          expect(offset).toBe(archived.transcript.length);
          archived.transcript = Buffer.concat([archived.transcript, bytes]);
        },
        saveResume: async (state) => void (archived.state = state),
        limits: {},
      });
      sessions.push(session);
      const events: HarnessEvent[] = [];
      const calls: GateCall[] = [];
      const text = again ? again.words : task.words;
      const turn = {
        turn_id: again?.turn_id ?? 'trn_1',
        note: again?.note ?? null,
        content: text === undefined ? [] : [{ type: 'text' as const, text }],
      };
      const ended = (async () => {
        for await (const event of session.runTurn(turn, (call) => (calls.push(call), gate(call)))) events.push(event);
        return events.at(-1);
      })();
      return { session, events, calls, ended };
    }

    const allow: Gate = async () => ({ effect: 'allow' });
    const never: Gate = () => new Promise(() => {});
    const effects = () => {
      const file = join(place.folders.work, 'effects.txt');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };
    const logged = (played: Played, type: string) =>
      played.events.flatMap((event) => (event.kind === 'event' && event.event.type === type ? [event.event] : []));

    it('asks before each call, runs what is allowed, and says how the turn ended', async () => {
      const before: string[] = [];
      const task = subject.runs(['echo one >> effects.txt', 'echo two >> effects.txt; cat effects.txt']);
      const played = await play(task, async ({ action }) => {
        before.push(effects());
        expect(action).toMatchObject({ kind: 'shell.exec', cwd: '/home/agent/work' });
        return { effect: 'allow' };
      });
      expect(await played.ended).toEqual(COMPLETED);
      expect(before).toEqual(['', 'one\n']);
      expect(effects()).toBe('one\ntwo\n');
      const results = logged(played, 'agent.tool_result');
      expect(results.map(({ data }) => data['tool_use_id'])).toEqual(
        played.calls.map(({ tool_use_id }) => tool_use_id),
      );
      expect(JSON.stringify(results[1]?.data)).toContain('two');
      expect(JSON.stringify(logged(played, 'agent.message').at(-1)?.data)).toContain('DONE');
    });

    it('does not run what is denied, and tells the reason', async () => {
      const played = await play(subject.runs(['echo one >> effects.txt']), async () => ({
        effect: 'deny',
        reason: 'Not on a Tuesday.',
      }));
      expect(await played.ended).toEqual(COMPLETED);
      expect(effects()).toBe('');
      expect(JSON.stringify(logged(played, 'agent.tool_result')[0]?.data)).toContain('Not on a Tuesday.');
      if (subject.heard) expect(subject.heard()).toContain('Not on a Tuesday.');
    });

    it('runs nothing while the answer is open, leaves no process when it is suspended, and goes on from the archive alone', async () => {
      const task = subject.runs(['echo one >> effects.txt', 'echo two >> effects.txt']);
      let asked = 0;
      const first = await play(task, (call) => (++asked === 1 ? allow(call) : never(call)));
      await until('the second call', () => first.calls.length === 2);
      await first.session.suspend();
      expect(effects()).toBe('one\n');
      expect(processesWith(place.home)).toEqual([]);
      const title = 'echo two >> effects.txt';
      const second = await play(task, allow, {
        note: `The session was interrupted and goes on now.\nYour call \`${title}\` was approved by ann: run exactly it again.\nGo on with the task.`,
      });
      expect(await second.ended).toEqual(COMPLETED);
      expect(effects()).toBe('one\ntwo\n');
      expect(second.calls.map(({ action }) => action)).toEqual([first.calls[1]?.action]);
    });

    it('ends every process of a running call when it is interrupted', async () => {
      const played = await play(
        subject.runs(['echo started >> effects.txt; sleep 4711; echo ended >> effects.txt']),
        allow,
      );
      await until('the call', () => effects() === 'started\n');
      await played.session.interrupt();
      expect(processesWith(place.home)).toEqual([]);
      expect(processesWith('sleep 4711')).toEqual([]);
      expect(effects()).toBe('started\n');
    });

    it('streams words as they come', async () => {
      const played = await play(subject.speaks(40), allow);
      expect(await played.ended).toEqual(COMPLETED);
      const deltas = played.events.filter((event) => event.kind === 'frame' && event.frame.type === 'item.delta');
      expect(deltas.length).toBeGreaterThan(5);
      expect(JSON.stringify(logged(played, 'agent.message')[0]?.data)).toContain('word39');
    });

    it('a gate that breaks is no allow', async () => {
      const played = await play(subject.runs(['echo one >> effects.txt']), async () => {
        throw new Error('the judge is out');
      });
      await played.ended;
      expect(effects()).toBe('');
    });

    it('plays a second turn in the same session', async () => {
      const first = await play(subject.runs(['echo one >> effects.txt']), allow);
      await first.ended;
      for (const session of sessions.splice(0)) await session.close();
      const task = subject.runs(['echo more >> effects.txt']);
      const second = await play(task, allow, { note: null as never, words: task.words, turn_id: 'trn_2' });
      expect(await second.ended).toEqual(COMPLETED);
      expect(effects()).toBe('one\nmore\n');
    });
  });
}
