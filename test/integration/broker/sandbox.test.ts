/** The broker as a sandbox sees it: with the real Claude Code inside, and with a curious shell. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import type { HarnessEvent } from '../../../src/harnesses/contract.ts';
import { linkBroker } from '../../../src/worker/broker-link.ts';
import { until } from '../../support/until.ts';
import { aPlace, aRequest, type Place } from '../sandbox/place.ts';
import { ALLOW, endpoint, message, openRig, SESSION, type Rig } from './rig.ts';

let rig: Rig;
let place: Place;
let dir: string;
let link: ReturnType<typeof linkBroker>;
beforeAll(async () => {
  rig = await openRig();
  place = aPlace();
  link = linkBroker({ socket: join(rig.run_folder, 'broker.sock'), describe: (wish) => endpoint(wish) });
  ({ dir } = await link.open(SESSION, { epoch: 1, turn_id: 'trn_1', credential_ref: 'anthropic' }));
});
afterAll(async () => {
  link.end();
  place.remove();
  await rig.close();
});
afterEach(() => rig.answerWith(() => ALLOW));

const ASK = `curl -s --unix-socket /run/tack/e.sock -H 'content-type: application/json' -d '${JSON.stringify(message('[[text {"text":"hello inside"}]]', false))}' http://127.0.0.1:4010/v1/messages`;

describe('a shell inside', () => {
  it('reaches the model, and finds the key nowhere', async () => {
    const look = `${ASK}; echo; env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ls -la /run/tack; grep -rs sk-ant-canary /run /tmp /home /etc`;
    const { out } = await place.run(look, { endpoint_dir: dir });
    expect(out).toContain('hello inside');
    expect(out).toContain('e.sock');
    expect(out).not.toContain('sk-ant-canary-');
  });

  it('can neither replace the socket nor put another one beside it', async () => {
    const { out } = await place.run(
      'rm -f /run/tack/e.sock; touch /run/tack/x; mv /run/tack/e.sock /tmp/; chmod 777 /run/tack; ls /run/tack',
      { endpoint_dir: dir },
    );
    expect(out).toBe('e.sock\n');
  });

  it('goes on when the broker was killed and is back', async () => {
    const running = await place.sandbox.launch({
      ...aRequest(place.folders),
      endpoint_dir: dir,
      argv: ['bash', '-c', `${ASK}; echo; read -r _; ${ASK} || echo "failed $?"`],
    });
    let said = '';
    running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until('the first answer', () => said.includes('hello inside'));
    await rig.kill('SIGKILL');
    await rig.restart();
    await until('the endpoint', async () => (await rig.control('GET', '/health')).body.includes('"endpoints":1'));
    running.stdin.end('go\n');
    await running.exited;
    expect(said.match(/hello inside/g)).toHaveLength(2);
    await running.kill();
  });
});

it.runIf(IS_ROOT)(`another user of the machine reaches neither endpoint nor control${ONLY_ROOT}`, async () => {
  const ask = (uid: number, socket: string, path: string) =>
    new Promise<{ code: unknown; out: string }>((resolve) => {
      const as = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const url = `http://127.0.0.1:4010${path}`;
      execFile('setpriv', [...as, 'curl', '-s', '--unix-socket', socket, url], (error, out) =>
        resolve({ code: error?.code ?? 0, out }),
      );
    });
  for (const [socket, path] of [
    [join(dir, 'e.sock'), '/v1/models'],
    [join(rig.run_folder, 'broker.sock'), '/health'],
  ] as const) {
    expect((await ask(0, socket, path)).out).toMatch(/claude-sonnet|"ok":true/); // the control
    expect(await ask(65_534, socket, path)).toEqual({ code: 7, out: '' });
  }
});

describe('Claude Code inside', () => {
  async function turn(words: string): Promise<readonly HarnessEvent[]> {
    const harness = createClaudeCode({
      binary: process.env['TACK_CLAUDE_BIN'] ?? null,
      path: process.env['PATH'] ?? '',
    });
    const session = await harness.start({
      session_id: SESSION,
      sandbox: place.sandbox,
      folders: place.folders,
      endpoint_dir: dir,
      base_objects: null,
      model: harness.manifest.default_model,
      instructions: null,
      script: null,
      resume: null,
      archive: async () => {},
      saveResume: async () => {},
      limits: {},
      onLimit: () => {},
    });
    const events: HarnessEvent[] = [];
    const content = [{ type: 'text' as const, text: words }];
    for await (const event of session.runTurn({ turn_id: 'trn_1', note: null, content }, async () => ({
      effect: 'allow',
    })))
      events.push(event);
    await session.close();
    return events;
  }

  it('works through it; what the worker heard of the cost is what the model server says', async () => {
    const [requests, usages] = [rig.model.requests().length, rig.usages.length];
    const events = await turn('Do it. [[shells {"cmds":["echo one","echo two"]}]]');
    expect(events.at(-1)).toMatchObject({ kind: 'end', end: { end: 'completed' } });
    const served = rig.model.requests().slice(requests);
    expect(served.length).toBeGreaterThanOrEqual(3);
    expect(new Set(served.map(({ credential }) => credential))).toEqual(new Set([rig.canary_hash]));
    const heard = rig.usages.slice(usages);
    expect(
      heard.map(({ input_tokens, output_tokens, cache_read_tokens, cache_write_tokens }) => [
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens,
      ]),
    ).toEqual(
      served.map(({ usage }) => [
        usage?.input_tokens,
        usage?.output_tokens,
        usage?.cache_read_input_tokens,
        usage?.cache_creation_input_tokens,
      ]),
    );
    expect(heard.every(({ partial }) => !partial)).toBe(true);
    expect(rig.log()).not.toContain(rig.canary);
  });

  it('tells the person why its request was refused, at once', async () => {
    rig.answerWith(() => ({
      effect: 'deny',
      rules: [{ name: 'no-models', level: 'agent', reason: 'Not after midnight.' }],
    }));
    const asked = rig.asked.length;
    const events = await turn('Speak. [[text {"text":"x"}]]');
    expect(JSON.stringify(events)).toContain('Not after midnight.');
    expect(rig.asked.length - asked).toBeLessThanOrEqual(2);
  });
});
