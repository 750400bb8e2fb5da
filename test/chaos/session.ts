/** A session on its way to a moment: how it is started, how the moment is observed, and how what it waits for is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../src/demo/model-server/record.ts';
import { effectsOf, requestsOf } from '../support/claude-room.ts';
import { processesOf } from '../support/processes.ts';
import { text } from '../support/session.ts';
import { storedLog, type StoredEvent } from '../support/stored-log.ts';
import type { Moment } from './cells.ts';
import { insist } from '../support/insist.ts';
import type { Place } from './place.ts';
import { agentFile, commandsOf, promptsOf } from './story.ts';
import { expectSoon, Violated } from './violation.ts';

export interface Watched {
  readonly id: string;
  readonly moment: Moment;
  readonly prompts: readonly string[];
  /** The turns of all prompts that were acknowledged, in the order in which they were said. */
  turns(): readonly string[];
  /** Lines that its commands wrote. */
  effects(): readonly string[];
  /** Its log on the disk; throws where the chain is broken. */
  stored(): readonly StoredEvent[];
  /** What the model was asked; empty without a model. */
  requests(): readonly RecordedRequest[];
  /** Resolves when the moment is the next thing to come. */
  near(): Promise<unknown>;
  /** Resolves when the moment was observed. */
  reached(): Promise<unknown>;
  /** What the moment waits for happens now; resolves when everything that was said is acknowledged. */
  letGo(): Promise<void>;
}

/** Starts it in the person's repository, as a person does, and says what is to wait in its queue. */
export async function startAt(place: Place, moment: Moment): Promise<Watched> {
  const { room, model, repository } = place;
  const run = `run-${crypto.randomUUID()}`;
  const prompts = promptsOf(moment, run);
  const [first = '', ...later] = prompts;
  const started = await room.tack(['run', '--detach', '--json', '--agent', `./${agentFile(moment)}`, first], {
    cwd: repository,
  });
  if (started.code !== 0) throw new Error(`tack run ended with ${started.code}: ${started.stderr}`);
  const { id, turn_id } = JSON.parse(started.stdout) as { readonly id: string; readonly turn_id: string };
  const turns = [turn_id];
  const say = async (words: string) => {
    const said = await insist(room, (client, options) =>
      client.sessions.send({ session_id: id, body: { content: text(words) } }, options),
    );
    turns.push(said.turn_id);
  };
  const watched = {
    id,
    moment,
    prompts,
    turns: () => turns,
    effects: () => effectsOf(room, id),
    stored: () => storedLog(room.home, id),
    requests: () => (model ? requestsOf(model, run) : []),
  };
  return { ...watched, ...(await MOMENT[moment]({ ...watched, place, run, later, say })) };
}

interface Parts extends Omit<Watched, 'near' | 'reached' | 'letGo'> {
  readonly place: Place;
  readonly run: string;
  readonly later: readonly string[];
  readonly say: (words: string) => Promise<void>;
}
type Observed = Pick<Watched, 'near' | 'reached' | 'letGo'>;

const MOMENT: Readonly<Record<Moment, (parts: Parts) => Promise<Observed>>> = {
  idle: async (parts) => ({
    near: () => left(parts, 'last'),
    reached: () => logged(parts, 'turn.completed'),
    letGo: () => sayAll(parts, parts.later),
  }),
  async 'model streaming'(parts) {
    await sayAll(parts, parts.later);
    return {
      near: () => left(parts, 'first'),
      reached: () => isHeld(parts),
      letGo: async () => parts.place.model?.release(parts.run),
    };
  },
  async 'tool running'(parts) {
    await sayAll(parts, parts.later);
    return {
      near: () => isAsked(parts, 'middle'),
      reached: () => left(parts, 'middle'),
      letGo: async () => go(parts),
    };
  },
  async 'approval held'(parts) {
    await sayAll(parts, parts.later);
    return {
      near: () => isAsked(parts, 'approved'),
      reached: () => logged(parts, 'approval.requested'),
      letGo: () => allow(parts),
    };
  },
  async 'approval suspended'(parts) {
    await sayAll(parts, parts.later);
    return {
      near: () => logged(parts, 'approval.requested'),
      reached: async () => {
        await logged(parts, 'turn.suspended');
        await expectSoon('ps', 'no process of a suspended session', () => processesOf(parts.id).length === 0);
      },
      letGo: () => allow(parts),
    };
  },
  async 'queue waiting'(parts) {
    await isHeld(parts);
    await sayAll(parts, parts.later.slice(0, -1));
    let last: Promise<void> | undefined; // the kill may meet it on its way
    const sayLast = () => (last ??= sayAll(parts, parts.later.slice(-1)));
    return {
      near: async () => void sayLast().catch(() => undefined), // whoever waits for it is told
      reached: () => sayLast(),
      async letGo() {
        release(parts);
        await sayLast();
      },
    };
  },
  async 'roll-over'(parts) {
    await isHeld(parts);
    await sayAll(parts, parts.later);
    release(parts);
    return {
      near: () => left(parts, 'last'),
      reached: () => logged(parts, 'turn.completed'), // the next thing that it does
      letGo: async () => undefined,
    };
  },
};

async function sayAll({ say }: Parts, words: readonly string[]): Promise<void> {
  for (const one of words) await say(one);
}

const left = ({ effects }: Parts, word: string) =>
  expectSoon('effects file', `the effect ${word}`, () => effects().includes(word));

const logged = ({ stored }: Parts, type: string) =>
  expectSoon('log on disk', type, () => stored().some((event) => event.type === type));

/** The model says the call that leaves this word, or the script comes to it. */
function isAsked({ place, moment, requests, stored }: Parts, word: string): Promise<unknown> {
  const command = commandsOf(moment).find(({ leaves }) => leaves[0] === word)?.command ?? '';
  return place.model
    ? expectSoon('model server', `the call of ${word}`, () =>
        requests().some(({ calls }) =>
          calls.some(({ input }) => (input as { readonly command?: unknown }).command === command),
        ),
      )
    : expectSoon('log on disk', 'the step before', () => stored().some(({ type }) => type === 'agent.tool_result'));
}

/** Amid the words of the model, or before a step. */
const isHeld = ({ place, run, stored }: Parts): Promise<unknown> =>
  place.model
    ? place.model.reached(run)
    : expectSoon('log on disk', 'the step before', () => stored().some(({ type }) => type === 'agent.tool_result'));

function release(parts: Parts): void {
  parts.place.model?.release(parts.run);
  go(parts);
}

const go = ({ place, id }: Parts): void => writeFileSync(join(place.room.workOf(id), 'go.txt'), '');

async function allow({ place, stored, effects }: Parts): Promise<void> {
  const question = await expectSoon('log on disk', 'the question', () =>
    stored().find(({ type }) => type === 'approval.requested'),
  );
  const { id: approval_id, digest } = question.data['approval'] as { readonly id: string; readonly digest: string };
  if (effects().includes('approved'))
    throw new Violated({ oracle: 'effects file', what: 'The call ran before anybody answered.' });
  await insist(place.room, (client, options) =>
    client.approvals.decide({ approval_id, body: { digest, decision: 'allow_once' } }, options),
  );
}
