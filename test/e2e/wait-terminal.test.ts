/** The person at the terminal: `tack run` asks, a key answers; and what somebody else answers meanwhile goes away, with their name. The real Claude Code. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { effectsOf, leaves, openClaudeRoom, requestsOf, storyOf, type ClaudeRoom } from '../support/claude-room.ts';
import { repositoryWith } from '../support/repository.ts';
import { asks } from '../support/session.ts';
import { answerBy } from '../support/surfaces.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let here: ClaudeRoom;
let repository: string;
let terminal: Terminal;
let isOver: boolean;
beforeAll(async () => {
  here = await openClaudeRoom();
  repository = repositoryWith({ 'a.txt': 'hello\n' });
  const agent = { name: 'careful', harness: 'claude-code', policies: { rules: [asks('echo asked')] } };
  writeFileSync(join(repository, 'agent.yaml'), stringify(agent));
});
afterEach(async () => {
  if (!isOver) terminal.type('\u0003\u0003'); // of a test that failed
  await terminal.finished;
});
afterAll(async () => {
  await here?.close();
  if (repository) rmSync(repository, { recursive: true, force: true });
});

/** A person starts it and sees the question. */
async function asked(...steps: readonly unknown[]) {
  const { run, prompt } = storyOf(steps);
  const { env } = here.room;
  terminal = openTerminal([process.execPath, MAIN, 'run', prompt, '--agent', 'agent.yaml'], { cwd: repository, env });
  isOver = false;
  void terminal.finished.then(() => (isOver = true));
  await terminal.shows('Allow?');
  const { data } = await here.room.client().approvals.list({ status: 'pending' });
  expect(data).toHaveLength(1);
  const { id, digest, session_id } = data[0]!;
  expect(terminal.rows().join('\n')).toMatch(/rule +needs-a-person \(agent\): It cannot be taken back\./);
  return {
    question: { session_id, id, digest },
    effects: () => effectsOf(here.room, session_id),
    requests: () => requestsOf(here.model, run),
    resolution: async () => (await here.room.client().approvals.show({ approval_id: id })).resolution,
  };
}

describe('a person at the terminal of `tack run`', () => {
  it('types y: the call runs, and the screen says so', async () => {
    const { effects, resolution } = await asked(leaves('asked'), { say: 'It is done.' });
    expect(effects()).toEqual([]);
    terminal.type('y\r');
    expect(await terminal.finished).toBe(0);
    expect(effects()).toEqual(['asked']);
    expect(terminal.rows().join('\n')).toMatch(/✓ Allowed once by \w+ via cli: echo asked[^]*It is done\.[^]*✓ Done/);
    expect(await resolution()).toMatchObject({ decision: 'allow_once', via: 'cli' });
  });

  it('types n and why: it does not run, and the model has the words', async () => {
    const { effects, requests } = await asked(leaves('asked'), leaves('last'));
    terminal.type('n\r');
    await terminal.shows('Why not?');
    terminal.type('use the copy, please\r');
    expect(await terminal.finished).toBe(0);
    expect(effects()).toEqual(['last']);
    expect(terminal.rows().join('\n')).toMatch(/✗ Denied by \w+ via cli: echo asked.*“use the copy, please”/);
    const [first, next] = requests();
    expect(next?.results[first?.calls[0]?.id ?? '']).toContain('use the copy, please');
  });

  it('sees the question go away when somebody else answers it, and who that was', async () => {
    const gate = `gate-${crypto.randomUUID()}`;
    const { question, effects } = await asked(leaves('asked'), { say: 'one two', gate, calls: [leaves('last')] });
    await answerBy('api', here.room, { ...question, decision: 'allow_once' });
    await terminal.shows(/✓ Allowed once by \w+ via api: echo asked/);
    await terminal.hides('Allow?');
    here.model.release(gate);
    expect(await terminal.finished).toBe(0);
    expect(effects()).toEqual(['asked', 'last']);
  });

  it('answers what somebody else answered just before: their word counts, and the person is told', async () => {
    const { question, effects, resolution } = await asked(leaves('asked'), leaves('last'));
    terminal.type('y'); // begun, and not sent: the screen stands still for it
    await terminal.shows(/› y$/);
    await answerBy('signal', here.room, { ...question, decision: 'deny', message: 'Not now.' });
    await until('the decision', async () => (await resolution()) !== null);
    terminal.type('\r');
    await terminal.shows(/That question is gone: nothing was answered\.|was answered \(deny\) by operator via signal/);
    await terminal.shows(/✗ Denied by operator via signal: echo asked.*“Not now\.”/);
    expect(await terminal.finished).toBe(0);
    expect(effects()).toEqual(['last']);
    expect(await resolution()).toMatchObject({ decision: 'deny', via: 'signal' });
  });
});
