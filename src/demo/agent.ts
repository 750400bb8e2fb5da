/** The agent of the demo: the same story, played from a script or by the real Claude Code against the scripted model. */
import { stringify } from 'yaml';
import type { AgentConfig } from '../domain/spec/agent.ts';
import { CODE, MEND, MENDED, MIGRATE_COMMAND, TEST_COMMAND } from './project.ts';

export type DemoHarness = AgentConfig['harness'];

/** A name of its own in the file, and one line for people. */
export const RULE = 'demo-migrations';
export const TASK = 'Fix the failing test, then move the prices.';

export function agentFile(harness: DemoHarness): string {
  return stringify({
    name: 'demo',
    harness,
    policies: {
      rules: [
        {
          name: RULE,
          on: 'shell.exec',
          commands: [MIGRATE_COMMAND],
          effect: 'ask',
          reason: 'It moves the prices of the shop: that cannot be taken back.',
        },
      ],
    },
    ...(harness === 'scripted' && { script: stringify(SCRIPT) }),
  });
}

/** What the person asks for. The scripted model plays the story that it finds in the words. */
export function taskFor(harness: DemoHarness): string {
  return harness === 'scripted' ? TASK : `${TASK}\n\n[[story ${JSON.stringify({ steps: STORY })}]]`;
}

const WORDS = {
  first: 'I run the tests first, to see what fails.',
  found: 'The quantity is left out of the sum. I put it in.',
  green: 'Green. Now the prices.',
  last: 'That is all: the test passes.',
} as const;
const WORD_MS = 40;

const say = (words: string) => ({ say: words, word_ms: WORD_MS });
const SCRIPT = [
  say(WORDS.first),
  { tool: { kind: 'shell.exec', script: TEST_COMMAND } },
  { tool: { kind: 'file.read', path: CODE } },
  say(WORDS.found),
  { tool: { kind: 'file.write', path: CODE, content: MENDED } },
  { tool: { kind: 'shell.exec', script: TEST_COMMAND } },
  say(WORDS.green),
  { tool: { kind: 'shell.exec', script: MIGRATE_COMMAND } },
  say(WORDS.last),
];

const inWork = `/home/agent/work/${CODE}`;
const STORY = [
  { say: WORDS.first, words_ms: WORD_MS, calls: [TEST_COMMAND] },
  { calls: [{ name: 'Read', input: { file_path: inWork } }] },
  {
    say: WORDS.found,
    words_ms: WORD_MS,
    calls: [{ name: 'Edit', input: { file_path: inWork, old_string: MEND.wrong, new_string: MEND.right } }],
  },
  { calls: [TEST_COMMAND] },
  { say: WORDS.green, words_ms: WORD_MS, calls: [MIGRATE_COMMAND] },
  { say: WORDS.last, words_ms: WORD_MS },
];
