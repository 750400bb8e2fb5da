/** The three moments at which something is killed: the model streams, a tool runs, an approval waits. Each is held open until the test lets go. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { patiently } from '../../src/cli/watch/patient.ts';
import type { RecordedRequest } from '../../src/demo/model-server/record.ts';
import { effectsOf, leaves, requestsOf, type ClaudeRoom } from './claude-room.ts';
import { storedLog, type StoredEvent } from './stored-log.ts';
import { text } from './session.ts';
import { until } from './until.ts';

export const MOMENTS = ['the model streams', 'a tool runs', 'an approval waits'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Asks before what the third moment waits for. */
export const ASKING_AGENT = `name: careful
harness: claude-code
policies:
  rules:
    - name: needs-a-person
      on: shell.exec
      commands: [echo approved]
      effect: ask
      reason: It cannot be taken back.
`;

/** What the story does between its first effect and its last. */
const MIDDLE: Readonly<Record<Moment, (run: string) => unknown>> = {
  'the model streams': (run) => ({
    say: 'one two three four five six seven eight',
    gate: run,
    stage: 'stream',
    calls: [leaves('middle')],
  }),
  'a tool runs': () => `${leaves('middle')}; until [ -e go.txt ]; do sleep 0.02; done; ${leaves('ended')}`,
  'an approval waits': () => leaves('approved'),
};

/** What its tool calls leave behind, when each runs once. */
export function effectsExpected(moment: Moment, attempt: 'goes on' | 'is lost'): readonly string[] {
  const middle: Readonly<Record<Moment, readonly string[]>> = {
    'the model streams': ['middle'],
    'a tool runs': attempt === 'goes on' ? ['middle', 'ended'] : ['middle'], // cut off amid its run, and not run again
    'an approval waits': ['approved'],
  };
  return ['first', ...middle[moment], 'last', 'queued'];
}

export interface HeldSession {
  readonly id: string;
  readonly moment: Moment;
  /** The turn that is at the moment, and the one that waits behind it. */
  readonly turns: readonly [string, string];
  /** Lines that its commands wrote. */
  effects(): readonly string[];
  /** Its log on the disk; throws where the chain is broken. */
  stored(): readonly StoredEvent[];
  /** What the model was asked. */
  requests(): readonly RecordedRequest[];
  /** What the moment waits for happens now. */
  letGo(): Promise<void>;
}

/** Starts a session in the person's repository; resolves when the moment was observed and one more prompt was acknowledged. */
export async function holdAt({ room, model }: ClaudeRoom, repository: string, moment: Moment): Promise<HeldSession> {
  const run = `run-${crypto.randomUUID()}`;
  const steps = [leaves('first'), MIDDLE[moment](run), leaves('last'), { say: 'All done.' }];
  const prompt = `Do it. [[story ${JSON.stringify({ steps, run })}]]`;
  const started = await room.tack(['run', '--detach', '--json', '--agent', './agent.yaml', prompt], {
    cwd: repository,
  });
  if (started.code !== 0) throw new Error(`tack run ended with ${started.code}: ${started.stderr}`);
  const { id, turn_id } = JSON.parse(started.stdout) as { readonly id: string; readonly turn_id: string };
  const effects = () => effectsOf(room, id);
  const stored = () => storedLog(room.home, id);
  const asked = () => stored().find(({ type }) => type === 'approval.requested');

  await REACHED[moment]({ run, model, effects, asked });
  const content = text(`And then. [[shell ${JSON.stringify({ cmd: leaves('queued'), run })}]]`);
  const queued = await room.client().sessions.send({ session_id: id, body: { content } });
  return {
    id,
    moment,
    turns: [turn_id, queued.turn_id],
    effects,
    stored,
    requests: () => requestsOf(model, run),
    async letGo() {
      if (moment === 'the model streams') return model.release(run);
      if (moment === 'a tool runs') return writeFileSync(join(room.workOf(id), 'go.txt'), '');
      const question = await until('the question', asked);
      const { id: approval_id, digest } = question.data['approval'] as { readonly id: string; readonly digest: string };
      const decide = room.client().approvals.decide;
      await patiently((options) => decide({ approval_id, body: { digest, decision: 'allow_once' } }, options), {
        within_ms: 60_000,
      });
    },
  };
}

interface Observed {
  readonly run: string;
  readonly model: ClaudeRoom['model'];
  readonly effects: () => readonly string[];
  readonly asked: () => StoredEvent | undefined;
}

const REACHED: Readonly<Record<Moment, (seen: Observed) => Promise<unknown>>> = {
  'the model streams': ({ model, run }) => model.reached(run),
  'a tool runs': ({ effects }) => until('the tool', () => effects().includes('middle'), 60_000),
  'an approval waits': ({ asked }) => until('the question', asked, 60_000),
};
