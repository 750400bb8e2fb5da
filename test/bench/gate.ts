/** How long a harness waits for its gate: judged by the policy of all levels, and in the log on disk before it is answered. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appender } from '../../src/activities/run-turn/append.ts';
import { createGate } from '../../src/activities/run-turn/gate.ts';
import { createPurse } from '../../src/activities/run-turn/grants.ts';
import { createTurnControl } from '../../src/activities/run-turn/turn-control.ts';
import type { Action } from '../../src/domain/action/schema.ts';
import { createPolicyFor } from '../../src/domain/policy/index.ts';
import { AgentConfig } from '../../src/domain/spec/agent.ts';
import { openStore } from '../../src/store/index.ts';
import { at, round, type Measured } from './figures.ts';

const CALLS = 2_000;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function measureGate(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'tack-bench-'));
  const store = await openStore({ data_folder: folder });
  try {
    const control = createTurnControl();
    const screens = { wake: () => undefined, frame: () => undefined };
    const lease = await store.leases.take(LEASE);
    const gate = createGate({
      turn_id: 'trn_bench',
      epoch: lease.epoch,
      append: appender({ log: store.log, screens }, lease, control),
      control,
      judge: createPolicyFor({ sha256 })(AGENT).judge,
      grants: createPurse([], { used: new Set(), revocations: async () => [] }),
      questions: { ask: nobody, refused: () => null, used: nobody, wordsOf: nobody, open: () => [] },
      mustMove: async () => false,
      now: performance.now.bind(performance),
    });
    const rows = [];
    for (let call = 0; call < CALLS; call++) {
      const action = ACTIONS[call % ACTIONS.length]!(call);
      const from = performance.now();
      const { effect } = await gate({
        action,
        tool_use_id: `toolu_${call}`,
        name: 'Bash',
        input: action,
        item_id: `itm_${call}`,
      });
      rows.push({ call, effect, ms: round(performance.now() - from, 3) });
    }
    const took = rows.map(({ ms }) => ms);
    return {
      name: 'gate',
      rows,
      figures: [
        { what: `Gate, question → answer, ${CALLS} calls, p50`, result: `${round(at(took, 0.5))} ms`, goal: '2 ms' },
        { what: 'the same, p99', result: `${round(at(took, 0.99))} ms`, goal: '15 ms' },
      ],
    };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const LEASE = {
  session_id: 'ses_bench',
  host: 'here',
  workflow_id: 'w',
  workflow_run_id: 'r',
  activity_id: 'a',
  holder: '1.1',
};
const AGENT = AgentConfig.parse({
  name: 'bench',
  harness: 'claude-code',
  policies: {
    rules: [
      { name: 'no-push', on: 'shell.exec', commands: ['git push'], effect: 'deny', reason: 'Not here.' },
      { name: 'docs', on: 'file.write', paths: ['docs/**'], effect: 'ask', reason: 'A person writes those.' },
    ],
  },
});
const cwd = '/home/agent/work';
const ACTIONS: readonly ((call: number) => Action)[] = [
  (call) => ({
    kind: 'shell.exec',
    cwd,
    script: `npm test -- --filter ${call} | tail -n 5`,
    argv: null,
    env: {},
    background: false,
    files: [],
  }),
  (call) => ({ kind: 'file.read', cwd, paths: [`${cwd}/src/${call}.ts`] }),
  (call) => ({
    kind: 'file.write',
    cwd,
    paths: [`${cwd}/src/${call}.ts`],
    change: 'modify',
    content_digest: sha256(`${call}`),
  }),
  (call) => ({
    kind: 'shell.exec',
    cwd,
    script: `git push origin ${call}`,
    argv: null,
    env: {},
    background: false,
    files: [],
  }),
];
const nobody = (): never => {
  throw new Error('Nothing of this is asked.');
};
