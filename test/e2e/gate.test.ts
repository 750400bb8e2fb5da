/** The gate: every call of the real Claude Code is judged once and answered once, and a rule decides exactly the calls that it names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer } from '../../src/demo/model-server/server.ts';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { startSession } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { until } from '../support/until.ts';

const WORK = '/home/agent/work';
const bash = (command: string) => ({ name: 'Bash', input: { command, description: 'scripted' } });
const read = (path: string) => ({ name: 'Read', input: { file_path: path } });
const write = (path: string, content: string) => ({ name: 'Write', input: { file_path: `${WORK}/${path}`, content } });
const edit = (path: string, old_string: string, new_string: string) => ({
  name: 'Edit',
  input: { file_path: `${WORK}/${path}`, old_string, new_string },
});

const CALLS = [
  bash('mkdir -p keys docs src; echo secret > keys/prod.txt; echo a > src/a.txt'), // 0
  read(`${WORK}/src/a.txt`),
  read(`${WORK}/keys/prod.txt`), // 2
  write('docs/intro.md', 'hello\n'), // 3
  write('src/b.txt', 'b\n'),
  bash('curl http://127.0.0.1:9/ || true'), // 5
  bash('echo one | tee src/one.txt | curl -d @- http://127.0.0.1:9/ || true'), // 6
  read('/etc/hostname'), // 7
  bash('touch migrate.log && sh -c "./migrate now" || true'), // 8
  edit('src/b.txt', 'b', 'c'),
  bash('git status --short || true'), // 10
  read(`${WORK}/src/b.txt`),
  write('docs/more.md', 'more\n'), // 12
  bash('cat src/a.txt src/b.txt'),
  edit('src/a.txt', 'a', 'z'),
  bash('cd src && ls -la'),
  read(`${WORK}/keys/none.txt`), // 16
  write('src/c.txt', 'c\n'),
  bash('for f in src/*.txt; do wc -l "$f"; done'),
  edit('src/c.txt', 'c', 'd'),
];

/** What each rule is about, and the calls that it names: said by hand, not read off the judge. */
const RULES: readonly { readonly rule: Rule; readonly names: readonly number[] }[] = [
  { rule: aRule('no-keys', 'file.read', { paths: ['keys/**'], effect: 'deny' }), names: [2, 16] },
  { rule: aRule('docs-are-frozen', 'file.write', { paths: ['docs/**'], effect: 'deny' }), names: [3, 12] },
  { rule: aRule('no-curl', 'shell.exec', { commands: ['curl'], effect: 'deny' }), names: [5, 6] },
  { rule: aRule('hostname-is-known', 'file.read', { paths: ['/etc/hostname'], effect: 'allow' }), names: [7] },
  { rule: aRule('migrations-ask', 'shell.exec', { commands: ['./migrate'], effect: 'ask' }), names: [8] },
  {
    rule: aRule('status-later', 'shell.exec', { commands: ['git status'], effect: 'deny', shadow: true }),
    names: [10],
  },
];

function aRule(name: string, on: string, more: Pick<Rule, 'effect'> & Partial<Rule>): Rule {
  return { name, on, reason: `Because of ${name}.`, ...more };
}

let model: Awaited<ReturnType<typeof startModelServer>>;
let room: Room;
const scratch = mkdtempSync(join(tmpdir(), 'tack-gate-'));

beforeAll(async () => {
  model = await startModelServer();
  room = openRoom({ ANTHROPIC_API_KEY: 'sk-gate', ANTHROPIC_BASE_URL: model.url });
  await room.up();
});
afterAll(async () => {
  await room?.close();
  await model?.close();
  rmSync(scratch, { recursive: true, force: true });
});

interface Judged {
  readonly effect: string;
  readonly rules: readonly string[];
  readonly shadow: readonly string[];
}

/** Plays the calls under these rules; whatever is asked is allowed, once. */
async function played(name: string, rules: readonly Rule[]) {
  const agent = { name, harness: 'claude-code' as const, policies: { rules: [...rules], defaults: [] } };
  const prompt = `Do it. [[tools ${JSON.stringify({ calls: CALLS, run: name })}]]`;
  const session = await startSession(room, { ...agent, sandbox: 'bubblewrap' }, prompt);
  const answered = new Set<string>();
  const end = await until(
    `the end of ${name}`,
    async () => {
      const log = await session.log();
      for (const { data } of log.filter(({ type }) => type === 'approval.requested')) {
        const { id, digest } = data['approval'] as { id: string; digest: string };
        if (answered.has(id)) continue;
        answered.add(id);
        await room.client().approvals.decide({ approval_id: id, body: { digest, decision: 'allow_once' } });
      }
      return log.find(({ type }) => /^turn\.(completed|failed|cancelled)$/.test(type));
    },
    120_000,
  );
  expect(end).toMatchObject({ type: 'turn.completed' });
  const log = await session.log();
  const idsOf = (type: string) =>
    log.filter((event) => event.type === type).map(({ data }) => String(data['tool_use_id']));
  const issued = model
    .requests()
    .filter(({ tag }) => tag?.includes(`"run":"${name}"`))
    .flatMap(({ calls }) => calls.map(({ id }) => id));
  const judged = log
    .filter(({ type }) => type === 'policy.evaluated')
    .map(({ data }): Judged => ({
      effect: String(data['effect']),
      rules: (data['rules'] as readonly { name: string }[]).map((rule) => rule.name),
      shadow: (data['shadow'] as readonly { name: string }[]).map((rule) => rule.name),
    }));
  return { issued, evaluated: idsOf('policy.evaluated'), results: idsOf('agent.tool_result'), judged, answered };
}

describe('twenty mixed calls of Claude Code', () => {
  it('are judged once each, and each rule decides exactly the calls that it names', async () => {
    const all = RULES.map(({ rule }) => rule);
    const [base, ...without] = await Promise.all([
      played('base', all),
      ...RULES.map(({ rule }) =>
        played(
          `without-${rule.name}`,
          all.filter((other) => other !== rule),
        ),
      ),
    ]);
    expect(base.issued).toHaveLength(CALLS.length);
    for (const run of [base, ...without]) {
      expect(new Set(run.issued).size).toBe(CALLS.length);
      expect(run.evaluated).toEqual(run.issued);
      expect(run.results.toSorted()).toEqual(run.issued.toSorted());
    }
    const changed = without.map(({ judged }) =>
      judged.flatMap((now, call) => (JSON.stringify(now) === JSON.stringify(base.judged[call]) ? [] : [call])),
    );
    expect(Object.fromEntries(RULES.map(({ rule }, n) => [rule.name, changed[n]]))).toEqual(
      Object.fromEntries(RULES.map(({ rule, names }) => [rule.name, names])),
    );
    const decided = (names: readonly number[], effect: string) =>
      names.every((call) => base.judged[call]?.effect === effect);
    for (const { rule, names } of RULES) if (!rule.shadow) expect(decided(names, rule.effect), rule.name).toBe(true);
    expect(base.answered.size).toBe(1);
    // Ordinary work is asked nothing: what no rule names is allowed.
    const named = new Set(RULES.flatMap(({ names }) => names));
    const rest = base.judged.filter((_, call) => !named.has(call));
    expect(rest.map(({ effect }) => effect)).toEqual(rest.map(() => 'allow'));
  });
});
