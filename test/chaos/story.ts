/** What a session does in each moment, as steps that either harness can play. Every step with an effect leaves its word in a file. */
import { stringify } from 'yaml';
import { leaves } from '../support/claude-room.ts';
import { asks, shell } from '../support/session.ts';
import type { Moment } from './cells.ts';

export const HARNESSES = ['claude-code', 'scripted'] as const;
export type HarnessName = (typeof HARNESSES)[number];

type Step =
  | { readonly does: 'effect' | 'asked'; readonly leaves: string }
  /** Held open until it is let go: amid the words, amid a command, or before the step. */
  | { readonly does: 'streams' | 'runs' | 'waits'; readonly leaves: string };

const effect = (word: string): Step => ({ does: 'effect', leaves: word });
const around = (middle: Step): readonly Step[] => [effect('first'), middle, effect('last')];

/** Of the first turn. */
const STEPS: Readonly<Record<Moment, readonly Step[]>> = {
  idle: [effect('first'), effect('last')],
  'model streaming': around({ does: 'streams', leaves: 'middle' }),
  'tool running': around({ does: 'runs', leaves: 'middle' }),
  'approval held': around({ does: 'asked', leaves: 'approved' }),
  'approval suspended': around({ does: 'asked', leaves: 'approved' }),
  'queue waiting': around({ does: 'waits', leaves: 'middle' }),
  'roll-over': around({ does: 'waits', leaves: 'middle' }),
};

/** What each later prompt leaves behind. */
export const LATER: Readonly<Record<Moment, readonly string[]>> = {
  idle: ['after'],
  'model streaming': ['queued'],
  'tool running': ['queued'],
  'approval held': ['queued'],
  'approval suspended': ['queued'],
  'queue waiting': ['one', 'two', 'three'],
  'roll-over': ['queued', 'after'],
};

/** A command of the story, and the words that it leaves behind when it runs once. */
export interface Command {
  readonly command: string;
  readonly leaves: readonly string[];
}

/** In their order. */
export const commandsOf = (moment: Moment): readonly Command[] => [
  ...STEPS[moment].map((step) => ({
    command: commandOf(step),
    leaves: step.does === 'runs' ? [step.leaves, 'ended'] : [step.leaves],
  })),
  ...LATER[moment].map((word) => ({ command: leaves(word), leaves: [word] })),
];

const commandOf = ({ does, leaves: word }: Step): string =>
  does === 'runs' ? `${leaves(word)}; until [ -e go.txt ]; do sleep 0.02; done; ${leaves('ended')}` : leaves(word);

/** The prompts of a session, the first one first. `run` tells its scenario from any other. */
export const promptsOf = (moment: Moment, run: string): readonly string[] => [
  `Do it. [[story ${JSON.stringify({ steps: STEPS[moment].map((step) => claudeStep(step, run)), run })}]]`,
  ...LATER[moment].map((word) => `And then. [[shell ${JSON.stringify({ cmd: leaves(word), run })}]]`),
];

function claudeStep(step: Step, run: string): unknown {
  const calls = [commandOf(step)];
  if (step.does === 'streams')
    return { say: 'one two three four five six seven eight', gate: run, stage: 'stream', calls };
  if (step.does === 'waits') return { say: 'I wait.', gate: run, calls };
  return calls[0];
}

/** The agent files of a repository, by name. */
export const agentFiles = (harness: HarnessName, moments: readonly Moment[]): Readonly<Record<string, string>> =>
  Object.fromEntries(moments.map((moment) => [agentFile(moment), agentOf(harness, moment)]));

export const agentFile = (moment: Moment): string => `${moment.replaceAll(' ', '-')}.yaml`;

function agentOf(harness: HarnessName, moment: Moment): string {
  const rules = [asks('echo approved', moment === 'approval suspended' ? { grace_s: 0 } : {})];
  const turns = [STEPS[moment].flatMap(scriptedSteps), ...LATER[moment].map((word) => [shell(leaves(word))])];
  const script = harness === 'scripted' ? { script: stringify({ turns }) } : {};
  return stringify({ name: 'chaos', harness, ...script, policies: { rules } });
}

/** Long enough to be met amid its words. */
const WORDS = Array.from({ length: 40 }, (_, n) => `word${n}`).join(' ');

function scriptedSteps(step: Step): readonly unknown[] {
  const call = shell(commandOf(step));
  if (step.does === 'streams') return [{ say: WORDS, word_ms: 40 }, call];
  if (step.does === 'waits') return [{ wait_for: 'go.txt' }, call];
  return [call];
}
