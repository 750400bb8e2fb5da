/** What sessions do in the soak. Each story ends with the turns that were accepted, and the marks that their commands leave once. */
import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { asks, scripted, shell } from '../../support/session.ts';
import { storyOf } from '../../support/claude-room.ts';
import { insist } from '../../support/insist.ts';
import { eventually } from './patience.ts';
import { begin, isEnd, watch, type Live, type Stage } from './stage.ts';

export interface Played {
  readonly session_id: string;
  /** Accepted turns, and how each may end. */
  readonly turns: Readonly<Record<string, readonly string[]>>;
  /** Each stands once in the effects file when its call has a result. */
  readonly marks: readonly string[];
  /** Refused calls: these never ran. */
  readonly never?: readonly string[];
  /** The story at the model server. */
  readonly run?: string;
}
export type Story = (stage: Stage) => Promise<Played>;

const COMPLETED = ['turn.completed'];
/** A stop may come after a kill: then the call was cut off already, and the turn has gone on to its end. */
const STOPPED = ['turn.cancelled', 'turn.completed'];

const mark = (): string => randomBytes(6).toString('hex');
const leaves = (line: string): string => `echo ${line} >> effects.txt`;
const asked = (line: string): string => leaves(`asked ${line}`);
const all = (turns: readonly string[], ends = COMPLETED): Played['turns'] =>
  Object.fromEntries(turns.map((turn) => [turn, ends]));

/** Watches to the end of every turn, closes, leaves. */
async function toItsEnd(live: Live, turns: readonly string[]): Promise<void> {
  for (const turn of turns) await live.ended(turn);
  await live.close();
  await live.logged('session.closed', ({ type }) => type === 'session.closed');
  live.leave();
}

const plain: Story = async (stage) => {
  const marks = Array.from({ length: stage.chance.between(1, 4) }, mark);
  const live = await begin(stage, scripted({ turns: marks.map((one) => [shell(leaves(one)), { say: 'Done.' }]) }));
  const turns = [live.turn_id];
  const queues = stage.chance.number() < 0.5;
  for (const _ of marks.slice(1)) {
    if (!queues) await live.ended(turns.at(-1) ?? '');
    turns.push(await live.say('again'));
  }
  await toItsEnd(live, turns);
  return { session_id: live.id, turns: all(turns), marks };
};

const big: Story = async (stage) => {
  const one = mark();
  const live = await begin(
    stage,
    scripted([shell('head -c 66000 /dev/urandom | base64'), { say: 'word '.repeat(200) }, shell(leaves(one))]),
  );
  await toItsEnd(live, [live.turn_id]);
  return { session_id: live.id, turns: all([live.turn_id]), marks: [one] };
};

/** `grace_s`: 1 for a turn that suspends before anybody answers. */
const asking =
  (grace_s?: number): Story =>
  async (stage) => {
    const [one, two] = [mark(), mark()];
    const rules = [asks('echo asked', grace_s === undefined ? {} : { grace_s })];
    const live = await begin(stage, scripted([shell(leaves(one)), shell(asked(two)), { say: 'Done.' }], rules));
    const answer = await answered(stage, live, grace_s !== undefined);
    await toItsEnd(live, [live.turn_id]);
    const turns = all([live.turn_id]);
    return answer === 'deny'
      ? { session_id: live.id, turns, marks: [one], never: [two] }
      : { session_id: live.id, turns, marks: [one, two] };
  };

async function answered({ room, chance }: Stage, live: Live, is_suspended: boolean): Promise<'allow' | 'deny'> {
  const question = await live.logged('the question', ({ type }) => type === 'approval.requested');
  const { id: approval_id, digest } = question.data['approval'] as { readonly id: string; readonly digest: string };
  const how = chance.pick({ rest: 2, cli: 1, deny: 1 });
  if (is_suspended) {
    const next = await live.logged('its suspension', ({ type }) => type === 'turn.suspended' || isEnd(type));
    if (isEnd(next.type)) throw new Error(`${live.id} ended as ${next.type}: ${JSON.stringify(next.data)}`);
  }
  await pause(chance.between(0, 2_000));
  if (how === 'cli')
    await eventually(`an answer to ${approval_id} by the command line`, async () => {
      await room.tack(['approve', approval_id]);
      await pause(300);
      return live.seen.some(({ type, data }) => type === 'approval.resolved' && data['approval_id'] === approval_id);
    });
  else {
    const decision = how === 'deny' ? 'deny' : 'allow_once';
    await insist(room, (client, options) =>
      client.approvals.decide({ approval_id, body: { digest, decision } }, options),
    );
  }
  return how === 'deny' ? 'deny' : 'allow';
}

const interrupted: Story = async (stage) => {
  const [one, two] = [mark(), mark()];
  const live = await begin(stage, scripted({ turns: [[shell(`${leaves(one)}; sleep 300`)], [shell(leaves(two))]] }));
  await live.logged('its call', ({ type }) => type === 'agent.tool_use');
  const { id: session_id } = live;
  await insist(stage.room, (client, options) => client.sessions.interrupt({ session_id, body: {} }, options));
  const next = await live.say('again');
  await toItsEnd(live, [live.turn_id, next]);
  return { session_id, turns: { ...all([live.turn_id], STOPPED), ...all([next]) }, marks: [one, two] };
};

const closed: Story = async (stage) => {
  const one = mark();
  const live = await begin(stage, scripted([shell(`${leaves(one)}; sleep 300`)]));
  await live.logged('its call', ({ type }) => type === 'agent.tool_use');
  await live.close();
  await toItsEnd(live, [live.turn_id]);
  return { session_id: live.id, turns: all([live.turn_id], STOPPED), marks: [one] };
};

/** The real Claude Code, started by a person in their repository. */
const claude =
  (agent: 'free' | 'careful' | 'hasty'): Story =>
  async (stage) => {
    const [one, two, three] = [mark(), mark(), mark()];
    const asks_once = agent !== 'free';
    const { run, prompt } = storyOf([
      leaves(one),
      { say: 'I go on.', calls: [asks_once ? asked(two) : leaves(two), 'ls'] },
      { say: 'All done.' },
    ]);
    const started = await detached(stage, `./${agent}.yaml`, prompt);
    const live = watch(stage, started);
    const answer = asks_once ? await answered(stage, live, agent === 'hasty') : 'allow';
    const next = await live.say(`And then. [[shell ${JSON.stringify({ cmd: leaves(three), run })}]]`);
    await toItsEnd(live, [live.turn_id, next]);
    const never = answer === 'deny' ? [two] : [];
    const marks = [one, two, three].filter((word) => !never.includes(word));
    return { session_id: live.id, turns: all([live.turn_id, next]), marks, never, run };
  };

async function detached({ room, repository }: Stage, agent: string, prompt: string) {
  return eventually('tack run', async () => {
    const words = ['run', '--detach', '--json', '--agent', agent, prompt];
    const { code, stdout } = await room.tack(words, { cwd: repository });
    if (code === 0) return JSON.parse(stdout) as { readonly id: string; readonly turn_id: string };
    await pause(500); // a role was away: nothing was acknowledged
    return undefined;
  });
}

export const STORIES = {
  plain,
  big,
  held: asking(),
  suspended: asking(1),
  interrupted,
  closed,
  'claude free': claude('free'),
  'claude held': claude('careful'),
  'claude suspended': claude('hasty'),
} as const satisfies Readonly<Record<string, Story>>;
export type StoryName = keyof typeof STORIES;

/** Files of the repository in which Claude Code is started. */
export const REPOSITORY = {
  'README.md': 'A project.\n',
  'free.yaml': 'name: free\nharness: claude-code\n',
  'careful.yaml': agentThatAsks('careful'),
  'hasty.yaml': agentThatAsks('hasty', '\n      grace_s: 1'),
};

function agentThatAsks(name: string, more = ''): string {
  return `name: ${name}
harness: claude-code
policies:
  rules:
    - name: needs-a-person
      on: shell.exec
      commands: [echo asked]
      effect: ask${more}
      reason: It cannot be taken back.
`;
}
